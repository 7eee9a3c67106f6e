// Planted defects: each breaks one rule of the engine, and the simulator must notice every one of them (an oracle that
// has never failed proves nothing). Compiled in only where TENURE_PLANTED_DEFECTS is set, which no product target does.
#pragma once

#include <cstdint>

namespace tenure::engine {

enum class Defect : std::uint8_t {
  kNone,
  kSendBeforeCommit,      // T1: the effect does not wait for the intent
  kSkipReadBack,          // T7: an unknown outcome is simply sent again
  kNoSettleTime,          // T7: a grant is sent again while the first may still land
  kTrustAcknowledgement,  // "200 OK" counts as verified
  kSkipSecondLook,        // an older grant that lands late goes unnoticed
  kSkipPriorCheck,        // the expected prior value is not looked at
  kForgetObligation,      // T3
  kGiveUpRevocation,      // T3: a revocation ends after some failures
  kErrorMeansAbsent,      // T9: a failed reading counts as "not there"
  kIgnoreObject,          // T8: two writes to one object at once
  kIgnoreLanes,           // T11: first come, first served
  kForgetIntent,          // T7: executing is taken for ready after a restart
  kAdmitUnapproved,       // T2
  kNoEvidence             // T4: an outcome without a record
};

#ifdef TENURE_PLANTED_DEFECTS
extern Defect planted_defect;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): a test switch
inline bool planted(Defect defect) {
  return planted_defect == defect;
}
#else
constexpr bool planted(Defect) {
  return false;
}
#endif

}  // namespace tenure::engine
