// DuckDB as a peer: a child process (Node.js, @duckdb/node-api, see peers/duckdb.mjs) that holds one database in memory
// and runs with two threads. It ends with this object. What it is given to read are files that the caller wrote.
//
// One thread at a time. Errors: kPeerMissing when node or the packages are not there (tools/setup test fetches them);
// kProcessFailed when it ends, or refuses a statement.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include <tenure/base/error.hpp>
#include <tenure/base/json.hpp>
#include <tenure/lab/process.hpp>

namespace tenure::bench {

class DuckDb {
 public:
  struct Answer {
    double seconds = 0;             // execution and fetching; parsing and planning are not in it
    std::vector<json::Array> rows;  // of all statements, in order
    // REQUIRES: there is such a row and column, and it is a number.
    std::int64_t number(std::size_t row, std::size_t column) const;
  };

  static Result<DuckDb> start();
  DuckDb(DuckDb&& other) noexcept;
  DuckDb& operator=(DuckDb&&) = delete;
  ~DuckDb();

  const std::string& name() const { return name_; }             // "DuckDB 1.5.6"
  const std::string& folder() const { return folder_.path(); }  // for files handed over; goes with the peer
  Status run(std::string_view sql);                             // one or more statements; not timed
  Result<Answer> time(std::string_view sql);                    // statements that do not depend on one another
  std::uint64_t peak_resident_bytes() const;                    // of the child, since its start

 private:
  DuckDb(lab::TempFolder folder, pid_t child, int to, int from)
      : folder_(std::move(folder)), child_(child), to_(to), from_(from) {}
  Result<json::Value> ask(const json::Value& request);
  Result<json::Value> ask_with(const char* verb, std::string_view sql);

  lab::TempFolder folder_;
  std::string name_;
  pid_t child_ = -1;
  int to_ = -1, from_ = -1;
  std::string pending_;  // read and not yet used
};

}  // namespace tenure::bench
