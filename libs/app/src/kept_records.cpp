#include "kept_records.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <map>

#include <tenure/base/json_scanner.hpp>

namespace tenure::app {
namespace {

using source::Kept;
using store::Table;

constexpr std::size_t kRecordsPerBlock = 16;
// With fewer or more than this many times as many a block the records are laid out anew.
constexpr std::size_t kSlack = 4;

// FNV-1a, 64 bits: part of the format.
std::size_t block_of(std::string_view key, std::size_t blocks) {
  std::uint64_t hash = 14'695'981'039'346'656'037U;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
  return static_cast<std::size_t>((hash ^ hash >> 32) % blocks);
}

std::string block_id(const std::string& source, std::size_t block) {
  char number[32];
  std::snprintf(number, sizeof number, "/%06zx", block);
  return source + number;
}

json::Value names(const std::vector<std::string>& all) {
  json::Array out;
  for (const auto& one : all) out.push_back(one);
  return out;
}

Result<std::vector<std::string>> names_of(const json::Reader& reader, std::string_view key) {
  TENURE_TRY(const auto elements, reader.array(key));
  std::vector<std::string> out;
  for (const json::Reader& element : elements) {
    if (!element.value().is_string()) return element.wrong("", "a string");
    out.push_back(element.value().as_string());
  }
  return out;
}

Status read_header(const std::string& body, StoredRecords& out) {
  TENURE_TRY(const json::Value value, json::parse(body));
  const json::Reader reader(value, "records");
  TENURE_TRY(const std::int64_t blocks, reader.integer("blocks"));
  if (blocks < 1) return reader.wrong("blocks", "1 or more");
  out.blocks = static_cast<std::size_t>(blocks);
  TENURE_TRY(out.kept.columns, names_of(reader, "columns"));
  TENURE_TRY(out.kept.digest, reader.string("digest"));
  TENURE_TRY(out.kept.feed_columns, names_of(reader, "feed_columns"));
  TENURE_TRY(out.kept.file, reader.string("file"));
  return {};
}

bool read_block(const std::string& body, Kept& kept) {
  json::Scanner scanner(body);
  for (bool more = scanner.open('['); more; more = scanner.next(']')) {
    if (!scanner.open('[')) return false;
    const Kept::Code code = kept.intern(scanner.text());
    if (!scanner.next(']')) return false;
    kept.put(code, std::string(scanner.value()), 0);
    if (scanner.next(']')) return false;
  }
  return !scanner.failed() && scanner.at_end();
}

store::Write write(const std::string& source, std::string id, std::string body) {
  return {Table::kSourceRecord, std::move(id), store::kAnyVersion, false, {source, "", 0}, std::move(body)};
}

store::Write write_header(const std::string& source, const Kept& kept, std::size_t blocks) {
  return write(source, source,
               json::to_string(json::Object{{"blocks", static_cast<std::int64_t>(blocks)},
                                            {"columns", names(kept.columns)},
                                            {"digest", kept.digest},
                                            {"feed_columns", names(kept.feed_columns)},
                                            {"file", kept.file}}));
}

// By block; those that nothing is asked of have no entry.
using Blocks = std::map<std::size_t, std::vector<Kept::Code>>;

void write_block(const std::string& source, const Kept& kept, std::size_t block, std::vector<Kept::Code>& codes,
                 store::Batch& batch) {
  if (codes.empty()) {
    batch.writes.push_back({Table::kSourceRecord, block_id(source, block), store::kAnyVersion, true, {}, {}});
    return;
  }
  std::sort(codes.begin(), codes.end(), [&](Kept::Code a, Kept::Code b) { return kept.key(a) < kept.key(b); });
  std::string body;
  for (const Kept::Code code : codes) {
    body += body.empty() ? "[[" : ",[";
    json::append_quoted(body, kept.key(code));
    (body += ',') += kept.text(code);
    body += ']';
  }
  batch.writes.push_back(write(source, block_id(source, block), body + "]"));
}

}  // namespace

Result<std::optional<StoredRecords>> load_records(store::Snapshot& snapshot, const std::string& source) {
  StoredRecords out;
  Status fault;
  bool first = true;
  TENURE_CHECK_OK(snapshot.scan({Table::kSourceRecord, source}, [&](const store::Row& row) {
    if (first)
      fault = row.id == source ? read_header(row.body, out)
                               : Status(fail(Reason::kStoreCorrupt, "the records of " + source + " have no header"));
    else if (!read_block(row.body, out.kept))
      fault = fail(Reason::kStoreCorrupt, "source_record " + row.id + " is no block of records");
    first = false;
    return fault.has_value();
  }));
  if (!fault) return fail(Reason::kStoreCorrupt, "source_record " + source + ": " + fault.error().message());
  if (first) return std::optional<StoredRecords>();
  return std::optional(std::move(out));
}

Result<std::optional<source::MergeMemory>> load_merge_memory(store::Snapshot& snapshot) {
  TENURE_TRY(const auto row, snapshot.get(Table::kMeta, "merge"));
  if (!row) return std::optional<source::MergeMemory>();
  TENURE_TRY(const json::Value value, json::parse(row->body));
  TENURE_TRY(source::MergeMemory memory, source::merge_memory_from_json(value));
  return std::optional(std::move(memory));
}

void write_records(const std::string& source, const Kept& kept, std::size_t blocks,
                   const std::set<std::string>& touched, store::Batch& batch) {
  const std::size_t wanted = std::bit_ceil(std::max<std::size_t>(kept.size() / kRecordsPerBlock, 1));
  const bool anew = blocks == 0 || wanted > blocks * kSlack || blocks > wanted * kSlack;
  const std::size_t count = anew ? wanted : blocks;
  Blocks changed;
  for (const std::string& key : touched) changed[block_of(key, count)];
  if (anew)
    for (std::size_t block = 0; block < count; ++block) changed[block];
  for (Kept::Code code = 0; code < kept.codes(); ++code)
    if (kept.present(code))
      if (const auto found = changed.find(block_of(kept.key(code), count)); found != changed.end())
        found->second.push_back(code);
  for (auto& [block, codes] : changed) write_block(source, kept, block, codes, batch);
  for (std::size_t block = count; anew && block < blocks; ++block)
    batch.writes.push_back({Table::kSourceRecord, block_id(source, block), store::kAnyVersion, true, {}, {}});
  batch.writes.push_back(write_header(source, kept, count));
}

store::Write write_of(const source::MergeMemory& memory) {
  return {Table::kMeta, "merge", store::kAnyVersion, false, {}, json::to_string(source::to_json(memory))};
}

}  // namespace tenure::app
