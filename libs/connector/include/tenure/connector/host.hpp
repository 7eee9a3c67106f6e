// What stands between the rest of Tenure and a connector: the answers of a connector are hostile input, because those
// of its target are. A checked connection has the capabilities of the one inside it and
//  - refuses readings and images that are inconsistent, unordered, duplicated, oversized or not UTF-8
//  (kTargetProtocol);
//  - refuses an image that does not show what was asked (kTargetUnverified, effect unknown), whatever the connector
//  said;
//  - reads back after a removal;
//  - gives every error the context of target, connector and verb, and takes known secret values out of its texts;
//  - sets Observation::read_at to the time at which the reading began, the only time that is true of all of it, unless
//    the connector names an earlier one (an exported file is as old as its last write).
#pragma once

#include <cstddef>
#include <memory>

#include <tenure/base/clock.hpp>
#include <tenure/connector/connector.hpp>
#include <tenure/connector/secrets.hpp>

namespace tenure::connector {

struct HostLimits {
  std::size_t accounts = 5'000'000;
  std::size_t entitlements = 1'000'000;
  std::size_t grants = 100'000'000;
  std::size_t sessions = 100'000;   // of one account
  std::size_t id_bytes = 1024;      // ids, names, classes, restrictions
  std::size_t text_bytes = 65'536;  // one attribute value, titles, parameters, reasons
  std::size_t attributes = 256;     // of one account
};

// Opens a connection of `connector` and checks all that it answers. Also an error kInternal when the capabilities of
// the connection are not those of its manifest. `secrets` and `clock` outlive the connection.
Result<std::unique_ptr<Connection>> open_checked(const Connector& connector, const Settings& settings,
                                                 SecretSource& secrets, const Clock& clock,
                                                 const HostLimits& limits = {});

// The checks alone, for use by tests and by the host: a fault names the first inconsistency.
Status check_observation(const model::Observation& observation, const Settings& settings, const HostLimits& limits);
Status check_image(const model::AccountImage& image, const Settings& settings, const HostLimits& limits);

}  // namespace tenure::connector
