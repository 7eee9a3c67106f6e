// The rows of a table whose ids begin alike: a range of its primary key.
#pragma once

#include <string>

#include <tenure/store/store.hpp>

namespace tenure::app {

// take(row) -> Status. Stops at the first error, and returns it.
template <class Take>
Status scan_prefix(store::Snapshot& snapshot, store::Table table, const std::string& prefix, Take take) {
  Status status;
  TENURE_CHECK_OK(snapshot.scan({.table = table, .after_id = prefix}, [&](const store::Row& row) {
    if (!row.id.starts_with(prefix)) return false;
    status = take(row);
    return status.has_value();
  }));
  return status;
}

inline std::unexpected<Error> damaged(store::Table table, const store::Row& row, const Error& error) {
  return fail(Reason::kStoreCorrupt, std::string(store::name_of(table)) + " " + row.id + ": " + error.message());
}

}  // namespace tenure::app
