#include <algorithm>
#include <array>

#include <tenure/evidence/event_type.hpp>
#include <tenure/evidence/leaf.hpp>

namespace tenure::evidence {
namespace {

constexpr std::array<std::string_view, 7> kActorKinds = {"person", "service", "workload", "device",
                                                         "agent",  "system",  "unknown"};
constexpr std::array<std::string_view, 4> kModes = {"automated", "requested", "manual", "break_glass"};
constexpr std::array<std::string_view, 3> kOutcomes = {"success", "failure", "unknown"};

std::unexpected<Error> wrong(std::string_view member, std::string_view what) {
  return fail(Reason::kRecordInvalid, std::string(member) + ": " + std::string(what));
}

constexpr std::string_view kNotAToken = "not 1 to 200 letters, digits and _ . : + / = -";

Status check_token(std::string_view member, std::string_view text) {
  if (!is_token(text)) return wrong(member, kNotAToken);
  return {};
}

bool is_small_digits_uuid4(std::string_view text) {
  return is_uuid(text) && text[14] == '4';
}

Status check_place(const Leaf& leaf, const EventType& type) {
  if (!leaf.place) {
    if (type.scope == Scope::kCase) return wrong("case", "a record of type " + leaf.type + " belongs to a case");
    return {};
  }
  if (!is_uuid(leaf.place->id)) return wrong("case", "not a UUID in lower case");
  if (leaf.place->seq < 1 || leaf.place->seq > (std::int64_t{1} << 53) - 1)
    return wrong("case_seq", "not between 1 and 2^53-1");
  if (leaf.place->prev.has_value() != (leaf.place->seq > 1))
    return wrong("case_prev", "null exactly for the first record");
  return {};
}

Status check_fact(const std::string& name, const json::Value& value) {
  if (!is_field_name(name)) return wrong("facts." + name, "the name is not [a-z0-9_.]{1,64}");
  if (value.is_bool()) return {};
  if (value.is_int()) {
    constexpr std::int64_t kSafe = (std::int64_t{1} << 53) - 1;
    if (value.as_int() > kSafe || value.as_int() < -kSafe)
      return wrong("facts." + name, "beyond 2^53-1: write it as digits in a string");
    return {};
  }
  if (value.is_string()) return check_token("facts." + name, value.as_string());
  return wrong("facts." + name, "not an integer, a boolean or a short token");
}

Status check(const Leaf& leaf) {
  const EventType* type = find_event_type(leaf.type);
  if (type == nullptr) return wrong("type", "\"" + leaf.type.substr(0, 64) + "\" is not in the vocabulary");
  if (!is_small_digits_uuid4(leaf.id)) return wrong("id", "not a UUID version 4 in lower case");
  if (leaf.time.to_rfc3339().size() != 27) return wrong("time", "outside the years 0000 to 9999");
  TENURE_CHECK_OK(check_place(leaf, *type));
  TENURE_CHECK_OK(check_token("actor.ref", leaf.actor.ref));
  if (!leaf.subject.empty()) TENURE_CHECK_OK(check_token("subject.ref", leaf.subject));
  if (!leaf.target.system.empty()) TENURE_CHECK_OK(check_token("target.system", leaf.target.system));
  if (!leaf.target.obj.empty()) {
    TENURE_CHECK_OK(check_token("target.obj", leaf.target.obj));
    if (leaf.target.system.empty()) return wrong("target.system", "missing although there is an object");
  }
  for (const auto& ref : leaf.refs) TENURE_CHECK_OK(check_token("refs", ref));
  for (const auto& [field, commitment] : leaf.commitments)
    if (!is_field_name(field)) return wrong("commit." + field, "the name is not [a-z0-9_.]{1,64}");
  for (const auto& [name, value] : leaf.facts) TENURE_CHECK_OK(check_fact(name, value));
  if (leaf.type == event::kCaseClosed && leaf.facts.contains("count")) {
    const auto& count = leaf.facts.find("count")->second;
    if (!count.is_int() || count.as_int() != leaf.place->seq)
      return wrong("facts.count", "not the number of records in the case");
  } else if (leaf.type == event::kCaseClosed) {
    return wrong("facts.count", "case.closed says how many records the case has");
  }
  return {};
}

// Writes members in order; nothing that reaches it needs an escape, because tokens have no quote or backslash.
class Writer {
 public:
  explicit Writer(std::size_t reserve) { out_.reserve(reserve); }
  void key(std::string_view name) {
    out_ += first_ ? "{\"" : ",\"";
    out_ += name;
    out_ += "\":";
    first_ = false;
  }
  void text(std::string_view value) {
    out_ += '"';
    out_ += value;
    out_ += '"';
  }
  void member(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }
  void open() { first_ = true; }
  void close() {
    out_ += '}';
    first_ = false;
  }
  void raw(std::string_view bytes) { out_ += bytes; }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
  bool first_ = true;
};

void write_value(Writer& w, const json::Value& value) {
  if (value.is_bool())
    w.raw(value.as_bool() ? "true" : "false");
  else if (value.is_int())
    w.raw(std::to_string(value.as_int()));
  else
    w.text(value.as_string());
}

// REQUIRES: check(leaf). Keys in byte order.
std::string serialize(const Leaf& leaf) {
  Writer w(512);
  w.key("actor"), w.open();
  w.member("kind", actor_kind_text(leaf.actor.kind)), w.member("ref", leaf.actor.ref), w.close();
  if (leaf.place) {
    w.member("case", leaf.place->id);
    w.key("case_prev");
    if (leaf.place->prev)
      w.text(leaf.place->prev->base64());
    else
      w.raw("null");
    w.key("case_seq"), w.raw(std::to_string(leaf.place->seq));
  }
  if (!leaf.commitments.empty()) {
    w.key("commit"), w.open();
    for (const auto& [field, hash] : leaf.commitments) w.member(field, hash.base64());
    w.close();
  }
  if (!leaf.facts.empty()) {
    w.key("facts"), w.open();
    for (const auto& [name, value] : leaf.facts) w.key(name), write_value(w, value);
    w.close();
  }
  w.member("id", leaf.id);
  w.member("mode", mode_text(leaf.mode));
  w.member("outcome", outcome_text(leaf.outcome));
  if (!leaf.policy.empty()) w.member("policy", leaf.policy.str());
  if (!leaf.refs.empty()) {
    w.key("refs");
    for (std::size_t i = 0; i < leaf.refs.size(); ++i) w.raw(i == 0 ? "[" : ","), w.text(leaf.refs[i]);
    w.raw("]");
  }
  if (!leaf.subject.empty()) w.key("subject"), w.open(), w.member("ref", leaf.subject), w.close();
  if (!leaf.target.system.empty()) {
    w.key("target"), w.open();
    if (!leaf.target.obj.empty()) w.member("obj", leaf.target.obj);
    w.member("system", leaf.target.system), w.close();
  }
  w.member("time", leaf.time.to_rfc3339());
  w.member("type", leaf.type);
  w.key("v"), w.raw("1"), w.close();
  return w.take();
}

// Takes typed members out of an object and remembers how many, so that one too many is noticed.
class Taker {
 public:
  Taker(const json::Value& value, std::string path) : value_(&value), path_(std::move(path)) {}

  const json::Value* take(std::string_view key) {
    const json::Value* member = value_->find(key);
    if (member != nullptr) ++taken_;
    return member;
  }
  Result<std::string> string(std::string_view key) {
    const json::Value* member = take(key);
    if (member == nullptr || !member->is_string()) return wrong(path_ + std::string(key), "missing, or not a string");
    return member->as_string();
  }
  template <std::size_t N>
  Result<std::size_t> choice(std::string_view key, const std::array<std::string_view, N>& texts) {
    TENURE_TRY(const std::string text, string(key));
    const auto it = std::ranges::find(texts, text);
    if (it == texts.end()) return wrong(path_ + std::string(key), "not one of the values that exist");
    return static_cast<std::size_t>(it - texts.begin());
  }
  Status done() const {
    if (!value_->is_object() || value_->as_object().size() != taken_)
      return wrong(path_.empty() ? "leaf" : path_, "members that do not belong there");
    return {};
  }

 private:
  const json::Value* value_;
  std::string path_;
  std::size_t taken_ = 0;
};

Result<Sha256> read_hash(std::string_view member, const json::Value& value) {
  if (!value.is_string()) return wrong(member, "not a hash in base64");
  const auto bytes = from_base64(value.as_string());
  if (!bytes || bytes->size() != 32) return wrong(member, "not a hash in base64");
  Sha256 hash;
  std::ranges::transform(*bytes, hash.bytes.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return hash;
}

Status read_place(Taker& from, Leaf& leaf) {
  const json::Value* id = from.take("case");
  const json::Value* seq = from.take("case_seq");
  const json::Value* prev = from.take("case_prev");
  if (id == nullptr && seq == nullptr && prev == nullptr) return {};
  if (id == nullptr || seq == nullptr || prev == nullptr || !id->is_string() || !seq->is_int())
    return wrong("case", "case, case_seq and case_prev stand together");
  CasePlace place{id->as_string(), seq->as_int(), std::nullopt};
  if (!prev->is_null()) {
    TENURE_TRY(place.prev, read_hash("case_prev", *prev));
  }
  leaf.place = std::move(place);
  return {};
}

Status read_parts(Taker& from, Leaf& leaf) {
  const json::Value* actor = from.take("actor");
  if (actor == nullptr) return wrong("actor", "missing");
  Taker who(*actor, "actor.");
  TENURE_TRY(const std::size_t kind, who.choice("kind", kActorKinds));
  leaf.actor.kind = static_cast<ActorKind>(kind);
  TENURE_TRY(leaf.actor.ref, who.string("ref"));
  TENURE_CHECK_OK(who.done());
  if (const json::Value* subject = from.take("subject")) {
    Taker whom(*subject, "subject.");
    TENURE_TRY(leaf.subject, whom.string("ref"));
    TENURE_CHECK_OK(whom.done());
  }
  if (const json::Value* target = from.take("target")) {
    Taker where(*target, "target.");
    TENURE_TRY(leaf.target.system, where.string("system"));
    if (target->find("obj") != nullptr) {
      TENURE_TRY(leaf.target.obj, where.string("obj"));
    }
    TENURE_CHECK_OK(where.done());
  }
  return {};
}

Status read_collections(Taker& from, Leaf& leaf) {
  if (const json::Value* refs = from.take("refs")) {
    if (!refs->is_array()) return wrong("refs", "not an array");
    for (const auto& ref : refs->as_array()) {
      if (!ref.is_string()) return wrong("refs", "not a string");
      leaf.refs.push_back(ref.as_string());
    }
  }
  if (const json::Value* facts = from.take("facts")) {
    if (!facts->is_object()) return wrong("facts", "not an object");
    leaf.facts = facts->as_object();
  }
  if (const json::Value* commitments = from.take("commit")) {
    if (!commitments->is_object()) return wrong("commit", "not an object");
    for (const auto& [field, value] : commitments->as_object()) {
      TENURE_TRY(const Sha256 hash, read_hash("commit." + field, value));
      leaf.commitments.emplace(field, hash);
    }
  }
  return {};
}

}  // namespace

std::string_view actor_kind_text(ActorKind kind) {
  return kActorKinds.at(static_cast<std::size_t>(kind));
}
std::string_view mode_text(Mode mode) {
  return kModes.at(static_cast<std::size_t>(mode));
}
std::string_view outcome_text(Outcome outcome) {
  return kOutcomes.at(static_cast<std::size_t>(outcome));
}

bool is_token(std::string_view text) {
  static constexpr auto kAllowed = [] {
    std::array<bool, 256> table{};
    for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:+/=-"))
      table[static_cast<unsigned char>(c)] = true;
    return table;
  }();
  return !text.empty() && text.size() <= kTokenBytesMax &&
         std::ranges::all_of(text, [](char c) { return kAllowed[static_cast<unsigned char>(c)]; });
}

bool is_field_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < 36; ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

Result<std::string> write_leaf(const Leaf& leaf) {
  TENURE_CHECK_OK(check(leaf));
  std::string bytes = serialize(leaf);
  if (bytes.size() > kLeafBytesMax) return wrong("leaf", "longer than 65535 bytes: put large payloads into a field");
  return bytes;
}

Result<Leaf> parse_leaf(std::string_view bytes) {
  if (bytes.empty() || bytes.size() > kLeafBytesMax) return wrong("leaf", "not between 1 and 65535 bytes");
  auto value = json::parse(bytes, {.depth_max = 16, .allow_double = false});
  if (!value) return wrong("leaf", value.error().message());
  Taker from(*value, "");
  Leaf leaf;
  const json::Value* version = from.take("v");
  if (version == nullptr || *version != json::Value(1)) return wrong("v", "not 1");
  TENURE_TRY(leaf.id, from.string("id"));
  TENURE_TRY(leaf.type, from.string("type"));
  TENURE_TRY(const std::string time, from.string("time"));
  auto instant = Time::parse(time);
  if (!instant) return wrong("time", "not an instant");
  leaf.time = *instant;
  TENURE_TRY(const std::size_t mode, from.choice("mode", kModes));
  leaf.mode = static_cast<Mode>(mode);
  TENURE_TRY(const std::size_t outcome, from.choice("outcome", kOutcomes));
  leaf.outcome = static_cast<Outcome>(outcome);
  if (value->find("policy") != nullptr) {
    TENURE_TRY(const std::string policy, from.string("policy"));
    auto digest = Digest::parse(policy);
    if (!digest) return wrong("policy", "not a digest");
    leaf.policy = *std::move(digest);
  }
  TENURE_CHECK_OK(read_place(from, leaf));
  TENURE_CHECK_OK(read_parts(from, leaf));
  TENURE_CHECK_OK(read_collections(from, leaf));
  TENURE_CHECK_OK(from.done());
  TENURE_TRY(const std::string again, write_leaf(leaf));
  // White space, other orders, other escapes, "subject":{} and the like all differ here.
  if (again != bytes) return wrong("leaf", "not in canonical form");
  return leaf;
}

}  // namespace tenure::evidence
