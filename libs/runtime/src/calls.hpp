// One call to a target on behalf of the engine: which capability, what its answer means. Blocks.
#pragma once

#include <tenure/connector/connector.hpp>
#include <tenure/engine/exchange.hpp>

namespace tenure::runtime {

engine::SendDone perform(connector::Connection& connection, const engine::Send& send);
engine::ReadDone perform(connector::Connection& connection, const engine::Read& read);

}  // namespace tenure::runtime
