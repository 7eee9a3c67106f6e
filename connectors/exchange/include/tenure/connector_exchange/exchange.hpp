// Systems without an interface, read through the CSV files that they export. Every change is a work order for a person
// (Manifest::manual); the next export is the read-back. Settings and traps: README.md.
//
// A connection holds no state: every call reads the files afresh. One thread at a time.
#pragma once

#include <memory>

#include <tenure/base/clock.hpp>
#include <tenure/connector/connector.hpp>

namespace tenure::connector_exchange {

// `clock` tells the age of a file (max_age) and outlives the connector and its connections.
std::unique_ptr<connector::Connector> make_exchange_connector(const Clock& clock);

}  // namespace tenure::connector_exchange
