// A store in memory, for the simulator and for tests: the same behaviour as the durable ones (it passes the same
// suite), copyable state, and no durability at all.
#pragma once

#include <memory>

#include <tenure/base/clock.hpp>
#include <tenure/store/store.hpp>

namespace tenure::store_memory {

// What outlives a simulated crash: everything that was committed. Opaque.
struct Disk;
std::shared_ptr<Disk> make_disk();

// A store over the disk. Several may be opened one after the other. random and entropy outlive the store.
Result<std::unique_ptr<store::Store>> open(std::shared_ptr<Disk> disk, Random& random, Entropy& entropy);

}  // namespace tenure::store_memory
