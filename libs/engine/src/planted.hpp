// Planted defects: each breaks one rule of the engine, and the simulator must notice every one of them (an oracle that
// has never failed proves nothing). Compiled in only where TENURE_PLANTED_DEFECTS is set, which no product target does.
#pragma once

#include <cstdint>

namespace tenure::engine {

enum class Defect : std::uint16_t {
  kNone = 0,
#define TENURE_DEFECT(constant, name, breaks, what) constant,
#include "planted.def"
#undef TENURE_DEFECT
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
