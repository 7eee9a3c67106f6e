#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <tenure/base/file.hpp>
#include <tenure/emergency/journal.hpp>

namespace tenure::emergency {
namespace {

constexpr std::array<std::string_view, 4> kKinds = {"begin", "intent", "outcome", "read_back"};
constexpr std::string_view kLineDomain = "tenure-journal/v1 line\n";
constexpr std::string_view kHeadDomain = "tenure-journal/v1 head\n";

std::unexpected<Error> broken(std::int64_t line, std::string what) {
  return fail(Reason::kJournalBroken, "line " + std::to_string(line) + ": " + std::move(what));
}

std::string signed_text(std::string_view domain, const std::string& canonical) {
  return std::string(domain) + canonical + "\n";
}

// The signature of what the object says without it.
Result<std::string> sign(json::Object& object, std::string_view domain, const evidence::SigningKey& key) {
  TENURE_TRY(const std::string text, json::canonical(object));
  object.emplace("sig", to_base64(key.sign(signed_text(domain, text)).signature));
  return json::canonical(object);
}

bool signature_fits(json::Object object, std::string_view domain, const evidence::VerifierKey& key) {
  const auto sig = object.find("sig");
  if (sig == object.end() || !sig->second.is_string()) return false;
  const auto bytes = from_base64(sig->second.as_string());
  if (!bytes) return false;
  object.erase(sig);
  const auto text = json::canonical(object);
  return text && key.verifies(signed_text(domain, *text), {key.name(), key.key_id(), *bytes});
}

struct Head {
  std::int64_t seq = 0;
  std::string hash;
};

Result<Head> read_head(std::string_view bytes, const evidence::VerifierKey& key, std::string_view kit) {
  const auto wrong = [](const char* what) {
    return fail(Reason::kJournalBroken,
                std::string("its head ") + what + ": it cannot be told whether lines at its end were cut off");
  };
  if (bytes.empty() || bytes.back() != '\n') return wrong("is missing or cut off");
  bytes.remove_suffix(1);
  const auto value = json::parse(bytes);
  const auto again = value && value->is_object() ? json::canonical(*value) : Result<std::string>(std::string());
  if (!value || !again || *again != bytes) return wrong("is not in canonical form");
  if (value->string_or("kit", "") != kit) return fail(Reason::kJournalForeign, "its head is that of another kit");
  if (!signature_fits(value->as_object(), kHeadDomain, key)) return wrong("has a signature that does not fit");
  return Head{value->int_or("seq", -1), value->string_or("hash", "")};
}

Result<Entry> read_entry(std::string_view line, const Entry* before, const evidence::VerifierKey& key,
                         std::string_view kit) {
  const std::int64_t number = before == nullptr ? 1 : before->seq + 1;
  const auto value = json::parse(line);
  if (!value || !value->is_object()) return broken(number, "no JSON object");
  if (value->string_or("kit", "") != kit)
    return fail(Reason::kJournalForeign, "line " + std::to_string(number) + " is of the kit \"" +
                                             value->string_or("kit", "") + "\", not of " + std::string(kit));
  const auto again = json::canonical(*value);
  if (!again || *again != line) return broken(number, "not in canonical form");
  if (value->int_or("seq", 0) != number) return broken(number, "its number is another");
  if (value->string_or("prev", "?") != (before == nullptr ? "" : before->hash.hex()))
    return broken(number, "it does not follow from the line before");
  if (!signature_fits(value->as_object(), kLineDomain, key)) return broken(number, "its signature does not fit");
  Entry entry;
  entry.seq = number;
  entry.hash = sha256(line);
  const auto kind = std::find(kKinds.begin(), kKinds.end(), value->string_or("kind", ""));
  if (kind == kKinds.end()) return broken(number, "of a kind that is not known");
  entry.kind = static_cast<EntryKind>(kind - kKinds.begin());
  auto at = Time::parse(value->string_or("at", ""));
  if (!at) return broken(number, "it says no time");
  entry.at = *at;
  if (const json::Value* body = value->find("body"); body != nullptr && body->is_object())
    entry.body = body->as_object();
  return entry;
}

Status write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return fail(Reason::kIo, "the journal cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

}  // namespace

std::string_view name_of(EntryKind kind) {
  return kKinds.at(static_cast<std::size_t>(kind));
}

std::string head_path(const std::string& journal) {
  return journal + ".head";
}

Result<ReadJournal> verify_journal(std::string_view journal, std::string_view head, const evidence::VerifierKey& key,
                                   std::string_view kit) {
  ReadJournal read;
  std::string_view rest = journal;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) {
      read.torn = true;
      break;
    }
    TENURE_TRY(auto entry,
               read_entry(rest.substr(0, end), read.entries.empty() ? nullptr : &read.entries.back(), key, kit));
    read.entries.push_back(std::move(entry));
    rest.remove_prefix(end + 1);
  }
  read.bytes_whole = static_cast<std::int64_t>(journal.size() - rest.size());
  TENURE_TRY(const Head last, read_head(head, key, kit));
  const auto lines = static_cast<std::int64_t>(read.entries.size());
  if (last.seq < 0 || lines < last.seq)
    return broken(lines + 1, "cut off: the head names " + std::to_string(last.seq) + " lines");
  const std::string there = last.seq == 0 ? "" : read.entries[static_cast<std::size_t>(last.seq - 1)].hash.hex();
  if (there != last.hash) return broken(last.seq, "it is not the line that the head names");
  // A crash leaves at most the line whose head was not written yet.
  if (lines > last.seq + 1) return broken(last.seq + 2, "the head does not know of it");
  return read;
}

Result<Journal> Journal::open(const std::string& path, const std::string& kit, evidence::SigningKey key, Time now) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return fail(Reason::kIo, "the journal " + path + " cannot be opened");
  Journal journal(path, kit, std::move(key), file);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0)
    return fail(Reason::kStoreLocked, "another process writes the journal " + path);
  TENURE_TRY(const std::string bytes, read_file(path));
  if (bytes.empty() && !file_exists(head_path(path))) {
    TENURE_CHECK_OK(journal.add(EntryKind::kBegin, {}, now));
    return journal;
  }
  const auto head = read_file(head_path(path));
  TENURE_TRY(auto read, verify_journal(bytes, head ? *head : std::string(), journal.key_.verifier(), kit));
  if (read.torn && ::ftruncate(file, read.bytes_whole) != 0)
    return fail(Reason::kIo, "the torn end of the journal " + path + " cannot be cut off");
  journal.entries_ = std::move(read.entries);
  return journal;
}

Journal::Journal(Journal&& other) noexcept
    : path_(std::move(other.path_)),
      kit_(std::move(other.kit_)),
      key_(std::move(other.key_)),
      file_(std::exchange(other.file_, -1)),
      entries_(std::move(other.entries_)) {}

Journal::~Journal() {
  if (file_ >= 0) ::close(file_);
}

Result<std::int64_t> Journal::add(EntryKind kind, json::Object body, Time now) {
  Entry entry;
  entry.seq = entries_.empty() ? 1 : entries_.back().seq + 1;
  entry.kind = kind;
  entry.at = now;
  entry.body = body;
  json::Object line{{"at", now.to_rfc3339()},
                    {"body", std::move(body)},
                    {"kind", name_of(kind)},
                    {"kit", kit_},
                    {"prev", entries_.empty() ? std::string() : entries_.back().hash.hex()},
                    {"seq", entry.seq}};
  TENURE_TRY(const std::string bytes, sign(line, kLineDomain, key_));
  entry.hash = sha256(bytes);
  TENURE_CHECK_OK(write_all(file_, bytes + "\n"));
  if (::fsync(file_) != 0) return fail(Reason::kIo, "the journal cannot be made durable");
  json::Object head{{"hash", entry.hash.hex()}, {"kit", kit_}, {"seq", entry.seq}};
  TENURE_TRY(const std::string head_bytes, sign(head, kHeadDomain, key_));
  // Also makes the name of a new journal durable: both lie in one folder, whose entry is synchronised here.
  TENURE_CHECK_OK(write_file_atomic(head_path(path_), head_bytes + "\n", 0600));
  entries_.push_back(std::move(entry));
  return entries_.back().seq;
}

}  // namespace tenure::emergency
