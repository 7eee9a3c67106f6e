// A consistent view over a reading connection of its own.
#pragma once

#include <memory>

#include <tenure/store/store.hpp>

#include "database.hpp"

namespace tenure::store_sqlite {

Result<std::unique_ptr<store::Snapshot>> open_snapshot(const std::string& path);

}  // namespace tenure::store_sqlite
