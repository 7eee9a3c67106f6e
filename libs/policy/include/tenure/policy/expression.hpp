// An expression of a document, compiled.
#pragma once

#include <memory>
#include <string>

#include <tenure/base/diagnostic.hpp>

namespace tenure::cel {
class Program;
}  // namespace tenure::cel

namespace tenure::policy {

// With where it stands and its text for reasons. Immutable; copies share.
struct Expression {
  std::shared_ptr<const cel::Program> program;
  std::string text;
  Place place;
};

}  // namespace tenure::policy
