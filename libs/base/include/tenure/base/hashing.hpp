// SHA-256 over what is never in one place: added bit by bit. See hash.hpp for everything else.
#pragma once

#include <memory>
#include <string_view>

#include <tenure/base/hash.hpp>

namespace tenure {

// One thread at a time.
class Hashing {
 public:
  Hashing();
  ~Hashing();
  Hashing(Hashing&&) noexcept;
  Hashing& operator=(Hashing&&) noexcept;

  void add(std::string_view data);
  Sha256 end();  // of everything added; it begins anew

 private:
  class Body;
  std::unique_ptr<Body> body_;
};

}  // namespace tenure
