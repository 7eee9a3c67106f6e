// Planted defects: each breaks one rule of consent, and the laws of approval_law_test.cpp and emergency_law_test.cpp
// must notice every one of them. Compiled in only where TENURE_PLANTED_DEFECTS is set, which no product target does.
#pragma once

#include <cstdint>

namespace tenure::governance {

enum class Defect : std::uint8_t {
  kNone,
  kRequesterConsents,           // T15: who asked for the plan is heard
  kReceiverConsents,            // T15: who receives access by it is heard
  kDeputyOfRequester,           // T15: in place of who asked
  kDeputyIsAVoiceMore,          // a deputy is heard beside the one whose place they take
  kAnybody,                     // who is none of the approvers is heard
  kOneTooFew,                   // a step is whole one voice early
  kNoOrder,                     // a later step is asked before the one before is whole
  kOnePersonTwice,              // one person is heard in two steps
  kOtherPlan,                   // consent to one digest counts for another
  kAssignmentRequesterDecides,  // T15: who asked for an assignment decides it
  kAssignmentSubjectDecides,    // T15: who would hold it decides it
  kAssignmentOnePersonTwice,    // of two decisions by one person each counts
  kAssignmentOneTooFew,         // approved one decision early
  kDenialPassedOver,            // a plan that somebody denied is approved all the same
  kWithdrawnCounts,             // a consent that was taken back still counts
  kLoserDenies,                 // T15: somebody denies the end of their own access
  kConsentNeverLapses,          // a consent that was not used in time still counts
  kGlassAlone,                  // T15: who asked for emergency authority confirms it
  kGlassPastItsTerm,            // T2: it holds when its term is over
  kGlassOfAnyTarget,            // T2: it covers targets that were not named
  kGlassOwnReview,              // T15: who opened it reviews it
  kGlassUnsettledClose,         // closed although something is not verified
  kGlassDebtForgotten,          // opened although an earlier one is overdue
  kWitnessAlone,                // T15: who says that it is done is their own witness
  kWitnessOfReadable            // the word of two where a reading could show it
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

}  // namespace tenure::governance
