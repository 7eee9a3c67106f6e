// A consistent view over a reading connection of its own.
#pragma once

#include "database.hpp"

#include <memory>

#include <tenure/store/store.hpp>

namespace tenure::store_sqlite {

Result<std::unique_ptr<store::Snapshot>> open_snapshot(const std::string& path);

}  // namespace tenure::store_sqlite
