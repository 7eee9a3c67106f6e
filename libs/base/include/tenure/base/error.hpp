// Errors as values.
//
// An Error says what went wrong (canonical code and a domain reason from the tables in libs/base/reasons), what is
// still true of the outside world (`effect`), whether doing the same again can help (`retry`), and the chain of what
// was being done. Nothing decides by matching text: use code(), reason() and effect().
//
// Value type, immutable once built but for added context; any thread may own its own copy.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenure {

// Canonical codes, after what the caller does next.
enum class Code : std::uint8_t {
  kInvalid,          // the input is wrong whatever the state: fix the input
  kNotFound,         // the thing named does not exist
  kExists,           // it exists already
  kPrecondition,     // not in this state: change the state first
  kStale,            // decided on a state that has moved on: look again and decide again
  kDenied,           // policy or a missing approval refuses
  kUnauthenticated,  // wrong or missing credentials
  kUnavailable,      // the other side does not answer: try again later
  kTimeout,          // it did not answer in time; the effect may still have happened
  kExhausted,        // a limit or a quota; wait or raise it
  kDataLoss,         // what was stored or sent is damaged or incomplete
  kUnsupported,      // this system cannot do that
  kCancelled,        // somebody asked to stop
  kInternal,         // a defect of ours
};

// What is true of the outside world after the failure. kUnknown is a state of its own: read back before anything else.
enum class Effect : std::uint8_t { kNone, kApplied, kUnknown };

enum class Retry : std::uint8_t { kNo, kLater, kAfterReadBack };

// Every domain reason: stable number E-nnnn, canonical code, one-line title, remedy. The .def files hold one area each.
enum class Reason : std::uint16_t {
#define TENURE_REASON(name, number, code, title, remedy) name = number,
#include <tenure/base/reasons.def>
#undef TENURE_REASON
};

struct ReasonInfo {
  Reason reason;
  std::string_view name;  // "kFeedEmpty"
  Code code;
  std::string_view title;   // what, without particulars
  std::string_view remedy;  // what to do next
};

const ReasonInfo& reason_info(Reason reason);
// All reasons in order of their number, for `explain` and the documentation test.
const std::vector<ReasonInfo>& all_reasons();
// "E-3104"
std::string reason_code(Reason reason);
std::string_view code_name(Code code);
std::string_view effect_name(Effect effect);

class [[nodiscard]] Error {
 public:
  Error(Reason reason, std::string message, Effect effect = Effect::kNone, Retry retry = Retry::kNo)
      : reason_(reason), effect_(effect), retry_(retry), message_(std::move(message)) {}

  Reason reason() const { return reason_; }
  Code code() const { return reason_info(reason_).code; }
  Effect effect() const { return effect_; }
  Retry retry() const { return retry_; }
  // Particulars: what, where. Never a secret value (T14).
  const std::string& message() const { return message_; }
  // Outermost last: "reading target directory", "page 3".
  const std::vector<std::string>& context() const { return context_; }

  // How long the other side asked to wait before anything is sent again; nothing = it did not say.
  std::optional<std::int64_t> retry_after_ms() const { return retry_after_ms_; }

  // Adds what was being done; code, effect and retry survive.
  Error& add_context(std::string what) & {
    context_.push_back(std::move(what));
    return *this;
  }
  Error&& add_context(std::string what) && {
    context_.push_back(std::move(what));
    return std::move(*this);
  }
  Error with_effect(Effect effect) && {
    effect_ = effect;
    return std::move(*this);
  }
  Error with_retry_after_ms(std::int64_t wait) && {
    retry_after_ms_ = wait;
    return std::move(*this);
  }

  // "reading target directory: page 3: the server closed the connection [E-4102]"
  std::string to_string() const;

 private:
  Reason reason_;
  Effect effect_;
  Retry retry_;
  std::optional<std::int64_t> retry_after_ms_;
  std::string message_;
  std::vector<std::string> context_;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = std::expected<void, Error>;

inline std::unexpected<Error> fail(Reason reason, std::string message, Effect effect = Effect::kNone,
                                   Retry retry = Retry::kNo) {
  return std::unexpected<Error>(Error(reason, std::move(message), effect, retry));
}
inline std::unexpected<Error> fail(Error error) {
  return std::unexpected<Error>(std::move(error));
}

}  // namespace tenure

#define TENURE_CONCAT_INNER(a, b) a##b
#define TENURE_CONCAT(a, b) TENURE_CONCAT_INNER(a, b)
// TENURE_TRY(x, expr): x = value of expr, or return its error from this function.
#define TENURE_TRY(decl, expr) TENURE_TRY_IMPL(TENURE_CONCAT(tenure_try_, __LINE__), decl, expr)
#define TENURE_TRY_IMPL(tmp, decl, expr)                                     \
  auto tmp = (expr);                                                         \
  if (!tmp) return std::unexpected<::tenure::Error>(std::move(tmp).error()); \
  decl = std::move(*tmp)
// TENURE_CHECK_OK(expr): return the error of a Status from this function.
#define TENURE_CHECK_OK(expr)                                                    \
  do {                                                                           \
    if (auto tenure_status = (expr); !tenure_status)                             \
      return std::unexpected<::tenure::Error>(std::move(tenure_status).error()); \
  } while (false)
