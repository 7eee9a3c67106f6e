// What every transition of governance returns: the row as it is from now on and the evidence of the step. Both go into
// one commit (T4). Values; no I/O.
#pragma once

#include <string>
#include <vector>

#include <tenure/evidence/record.hpp>

namespace tenure::governance {

// Who does something: the natural person by the id that rows carry, and the reference that evidence may carry in the
// open. The caller resolves personas and deputies to the natural person before it comes here (T15).
struct Person {
  std::string id;
  evidence::Actor actor;
};

template <class Row>
struct Transition {
  Row row;
  std::vector<evidence::Draft> records;
};

}  // namespace tenure::governance
