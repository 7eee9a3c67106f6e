// Taking access away with a kit. Nothing else can be done with one: it holds no verb that gives.
//
// Order: the intent is signed and on the disk before the first byte leaves; then the account is looked up; what is
// there already as asked is not written again; after the write the account is read back, and both outcome and reading
// are journalled. An outcome that nobody knows is said to be unknown, never done.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tenure/base/clock.hpp>
#include <tenure/connector/connector.hpp>
#include <tenure/emergency/journal.hpp>
#include <tenure/emergency/kit.hpp>

namespace tenure::emergency {

enum class Act : std::uint8_t { kDisable, kRevoke, kEndSessions };
std::string_view name_of(Act act);
std::optional<Act> act_from(std::string_view name);

struct Order {
  model::TargetName target;
  std::string account;  // login, or the target's own id
  Act act = Act::kDisable;
  model::EntitlementId entitlement;  // kRevoke
  std::string reason;                // required
};

enum class Ending : std::uint8_t { kDone, kAlready, kFailed, kUnknown };
std::string_view name_of(Ending ending);

struct Done {
  std::int64_t intent = 0;  // line of the journal
  Ending ending = Ending::kUnknown;
  model::NativeId account;  // "" = it was not found
  std::string name;
  std::string account_class;
  std::string problem;  // for people; no secret
  bool proven = false;  // a fresh reading shows it
};

// What a kit may do now. kKitRefused: expired, not its target, no reason.
Status check_order(const Kit& kit, const Order& order, Time now);

// `open` gives a checked connection to the order's target; it is called after the intent is durable. An error is one of
// the kit or the journal, and then nothing was sent; what the target says is in the answer. Blocks.
using OpenTarget = std::function<Result<std::unique_ptr<connector::Connection>>()>;
Result<Done> carry_out(const Kit& kit, const Order& order, Journal& journal, const OpenTarget& open,
                       const Clock& clock);

}  // namespace tenure::emergency
