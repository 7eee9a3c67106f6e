// A sealed kit: everything that one person needs to take access away from targets while Tenure, its database or its
// whole machine is gone, and nothing that gives any. Format tenure-kit/v1, docs/formats/kit.md.
//
// In the open: which kit it is, for whom, until when, and for which targets. Sealed: how to connect, with credentials,
// and the key that signs the journal. Values; any thread. A Kit holds secrets and overwrites them when it goes.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/time.hpp>
#include <tenure/connector/connector.hpp>
#include <tenure/emergency/sealed.hpp>
#include <tenure/evidence/note.hpp>

namespace tenure::emergency {

inline constexpr std::size_t kKitBytesMax = 16U << 20U;

struct KitTarget {
  std::string connector;                       // "ldap"
  connector::Settings settings;                // expanded; secrets as references; base_folder is the reader's
  std::map<std::string, std::string> secrets;  // reference -> value
  std::map<std::string, std::string> files;    // path as in settings -> content (certificates of authorities)
};

struct Kit {
  Kit() = default;
  Kit(Kit&&) = default;
  Kit& operator=(Kit&&) = default;
  Kit(const Kit&) = delete;
  ~Kit();

  std::string id;      // "K-" and 8 hexadecimal digits
  std::string person;  // natural person it was made for
  std::string name;    // as people call them
  std::string origin;  // of the evidence log of the state that made it
  Time made_at, expires_at;
  std::vector<KitTarget> targets;               // by name
  std::array<std::uint8_t, 32> signing_seed{};  // Ed25519, of the journal

  const KitTarget* find(const model::TargetName& target) const;
  // Signs the journal of this kit.
  Result<evidence::SigningKey> signing_key() const;
};

// The file. kJsonShape when it would be longer than kKitBytesMax.
Result<std::string> write_kit(const Kit& kit, const Recipient& recipient, Entropy& entropy);
// kKitInvalid: not this format, another key, or a byte that differs.
Result<Kit> read_kit(std::string_view file, const OperatorKey& key);

}  // namespace tenure::emergency
