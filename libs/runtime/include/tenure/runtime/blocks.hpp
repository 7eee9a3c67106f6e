// Blocks: what is known about many accounts of a target, in one row. A reading of 1,000,000 accounts or 14,000,000
// remembered grants is a few thousand rows, each read in one pass; what changes between is rows of its own (deltas),
// which win over their block until they are folded in. Formats: docs/formats/observed.md, docs/formats/decisions.md.
//
// Texts that repeat (classes, entitlements, parameters) stand once in a block and are named by their number there.
// Values; no I/O; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/error.hpp>
#include <tenure/model/access.hpp>
#include <tenure/model/decision.hpp>

namespace tenure::runtime {

// Accounts fall into blocks by the first `bits` bits of SHA-256 of their native id: as five hexadecimal digits.
std::string block_of(const model::NativeId& id, int bits);
// How many bits for so many accounts. `before` (or -1) is kept while blocks stay within a factor of two of their size,
// so that a growing target is not rewritten with every account.
int bits_for(std::size_t accounts, int before);

// A block of observed accounts as it is stored. Texts and views refer to the body it was read from.
struct ObservedBlock {
  struct Right {
    std::uint32_t entitlement = 0;  // number in `entitlements`
    std::uint32_t parameters = 0;   // number in `parameters`; 0 = none
  };
  struct Attribute {
    std::uint32_t name = 0;  // number in `attributes`
    std::string_view value;  // JSON, as it is written
  };
  struct Account {
    std::string id, name, incarnation, restriction;
    std::uint32_t account_class = 0;
    model::Purpose purpose = model::Purpose::kNormal;
    bool enabled = true;
    std::uint32_t attributes_end = 0, rights_end = 0;  // in the block's lists; they begin where the account before ends
  };
  std::vector<std::string> classes, attribute_names, entitlements, parameters;
  std::vector<Account> accounts;
  std::vector<Attribute> attributes;
  std::vector<Right> rights;
};

// REQUIRES: grants of an image are its account's, ordered.
std::string encode_observed(std::span<const model::AccountImage> images);
// Error kStoreCorrupt. `block` is overwritten; its memory is used again.
Status decode_observed(std::string_view body, ObservedBlock& block);
Result<std::vector<model::AccountImage>> images_of(const ObservedBlock& block);

// A block of remembered grants (decisions "granted" about an entitlement).
struct GivenBlock {
  struct Right {
    std::uint32_t entitlement = 0, parameters = 0;  // as above
    std::uint32_t record = 0;                       // number in `records`
  };
  struct Account {
    std::string id;
    std::uint32_t rights_end = 0;
  };
  // What is equal for many: owner, actor, reason, ticket, second person, since, until. Account and entitlement are
  // empty.
  std::vector<model::Decision> records;
  std::vector<std::string> entitlements, parameters;
  std::vector<Account> accounts;
  std::vector<Right> rights;
};

// REQUIRES: all of one target, kind kGranted, with an entitlement; ordered by account, entitlement, parameters.
std::string encode_given(std::span<const model::Decision> decisions);
Status decode_given(std::string_view body, GivenBlock& block);
std::vector<model::Decision> decisions_of(const GivenBlock& block, const model::TargetName& target);

}  // namespace tenure::runtime
