#include <charconv>
#include <cstdlib>
#include <limits>

#include <tenure/evidence/merkle.hpp>
#include <tenure/evidence/record.hpp>

namespace tenure::evidence {
namespace {

void require(bool holds) {
  if (!holds) std::abort();  // a unit opened twice, or closed without being open: a defect that would corrupt chains
}

std::unexpected<Error> unreadable(std::string_view what) {
  return fail(Reason::kRecordInvalid, "stored leaf: " + std::string(what));
}

struct Essentials {
  std::string_view case_id, prev, type;
  std::int64_t seq = 0;
};

// The few members that chains need, by their place in the canonical form: actor and the case come first, type last, and
// no string of a leaf holds a quote. What follows no case yields an empty case_id.
Result<Essentials> read_essentials(std::string_view leaf) {
  Essentials out;
  constexpr std::string_view kTail = "\",\"v\":1}", kType = ",\"type\":\"";
  const std::size_t type = leaf.rfind(kType);
  if (!leaf.ends_with(kTail) || type == std::string_view::npos) return unreadable("no type");
  out.type = leaf.substr(type + kType.size(), leaf.size() - kTail.size() - type - kType.size());

  const std::size_t actor_end = leaf.find('}');
  if (!leaf.starts_with("{\"actor\":{") || actor_end == std::string_view::npos) return unreadable("no actor");
  std::string_view rest = leaf.substr(actor_end + 1);
  constexpr std::string_view kCase = ",\"case\":\"", kPrev = "\",\"case_prev\":", kSeq = ",\"case_seq\":";
  if (!rest.starts_with(kCase)) return out;
  out.case_id = rest.substr(kCase.size(), 36);
  rest.remove_prefix(std::min(rest.size(), kCase.size() + 36));
  if (!is_uuid(out.case_id) || !rest.starts_with(kPrev)) return unreadable("no case");
  rest.remove_prefix(kPrev.size());
  const std::size_t seq = rest.find(kSeq);
  if (seq == std::string_view::npos) return unreadable("no case_seq");
  out.prev = rest.substr(0, seq);
  rest.remove_prefix(seq + kSeq.size());
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), out.seq);
  if (error != std::errc() || end == rest.data() || (*end != ',')) return unreadable("no case_seq");
  return out;
}

}  // namespace

Composer::CaseKey Composer::key_of(std::string_view uuid) {
  CaseKey key;
  std::size_t digits = 0;
  for (const char c : uuid) {
    if (c == '-') continue;
    const auto digit = static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    std::uint64_t& half = digits++ < 16 ? key.high : key.low;
    half = half << 4 | digit;
  }
  return key;
}

const CaseHead* Composer::find(const CaseKey& key) const {
  const auto it = heads_.find(key);
  return it == heads_.end() ? nullptr : &it->second;
}

void Composer::advance(const CaseKey& key, const CaseHead& head) {
  const auto [it, fresh] = heads_.try_emplace(key);
  if (in_unit_) undo_.push_back({key, fresh ? std::nullopt : std::optional(it->second)});
  if (fresh) ++open_cases_;
  if (head.closed) --open_cases_;
  it->second = head;
}

Status Composer::recover(std::string_view leaf) {
  require(!in_unit_);
  TENURE_TRY(const Essentials found, read_essentials(leaf));
  if (found.case_id.empty()) return {};
  const CaseKey key = key_of(found.case_id);
  const CaseHead* last = find(key);
  const std::string expected_prev = last == nullptr ? "null" : "\"" + last->hash.base64() + "\"";
  if ((last != nullptr && last->closed) || found.seq != (last == nullptr ? 1 : last->seq + 1) ||
      found.prev != expected_prev)
    return fail(Reason::kEvidenceBroken, "case " + std::string(found.case_id) + ", record " +
                                             std::to_string(found.seq) + ": does not continue the record before it");
  advance(key, {found.seq, leaf_hash(leaf), found.type == event::kCaseClosed});
  return {};
}

Status Composer::resume(std::string_view leaf) {
  require(!in_unit_);
  TENURE_TRY(const Essentials found, read_essentials(leaf));
  if (found.case_id.empty()) return {};
  const CaseKey key = key_of(found.case_id);
  const CaseHead* last = find(key);
  if (last != nullptr && found.seq <= last->seq)
    return fail(Reason::kEvidenceBroken, "case " + std::string(found.case_id) + " has two last records");
  advance(key, {found.seq, leaf_hash(leaf), found.type == event::kCaseClosed});
  return {};
}

void Composer::forget() {
  require(!in_unit_);
  heads_.clear();
  open_cases_ = 0;
}

void Composer::begin() {
  require(!in_unit_);
  in_unit_ = true;
}

void Composer::commit() {
  require(in_unit_);
  undo_.clear();
  in_unit_ = false;
}

void Composer::rollback() {
  rollback_to(0);
  in_unit_ = false;
}

void Composer::rollback_to(std::size_t mark) {
  require(in_unit_ && mark <= undo_.size());
  for (; undo_.size() > mark; undo_.pop_back()) {
    const Undo& undo = undo_.back();
    const auto it = heads_.find(undo.key);
    if (it->second.closed) ++open_cases_;
    if (undo.before) {
      it->second = *undo.before;
    } else {
      heads_.erase(it);
      --open_cases_;
    }
  }
}

Result<Record> Composer::compose(Draft draft) {
  if (!in_unit_) return fail(Reason::kRecordInvalid, "a record can only be composed inside a unit");
  Leaf leaf;
  CaseKey key;
  if (!draft.case_id.empty()) {
    if (!is_uuid(draft.case_id)) return fail(Reason::kRecordInvalid, "case: not a UUID in lower case");
    key = key_of(draft.case_id);
    const CaseHead* last = find(key);
    if (last != nullptr && last->closed)
      return fail(Reason::kRecordInvalid, "case: " + draft.case_id + " is closed and takes no " + draft.type);
    leaf.place = CasePlace{draft.case_id, last == nullptr ? 1 : last->seq + 1, std::nullopt};
    if (last != nullptr) leaf.place->prev = last->hash;
  }
  const bool closes = draft.type == event::kCaseClosed;
  if (closes && leaf.place && !draft.facts.try_emplace("count", leaf.place->seq).second)
    return fail(Reason::kRecordInvalid, "facts.count: added here, not by the caller");

  Record record;
  for (const auto& [field, value] : draft.fields) {
    auto canonical = json::canonical(value);
    if (!canonical) return fail(Reason::kRecordInvalid, "fields." + field + ": " + canonical.error().message());
    if (!is_field_name(field))
      return fail(Reason::kRecordInvalid, "fields." + field + ": the name is not [a-z0-9_.]{1,64}");
    const Opening& opening = record.openings.emplace_back(field, entropy_.bytes32(), *std::move(canonical));
    leaf.commitments.emplace(field, commitment_of(opening.field, opening.salt, opening.value));
  }
  leaf.id = random_.uuid();
  leaf.type = std::move(draft.type);
  leaf.time = draft.time;
  leaf.actor = std::move(draft.actor);
  leaf.subject = std::move(draft.subject);
  leaf.target = std::move(draft.target);
  leaf.mode = draft.mode;
  leaf.outcome = draft.outcome;
  leaf.policy = std::move(draft.policy);
  leaf.refs = std::move(draft.refs);
  leaf.facts = std::move(draft.facts);

  TENURE_TRY(record.leaf, write_leaf(leaf));
  record.leaf_hash = leaf_hash(record.leaf);
  if (leaf.place) {
    record.case_seq = leaf.place->seq;
    advance(key, {record.case_seq, record.leaf_hash, closes});
  }
  record.id = std::move(leaf.id);
  record.type = std::move(leaf.type);
  record.case_id = std::move(draft.case_id);
  return record;
}

std::optional<CaseHead> Composer::head(std::string_view case_id) const {
  if (!is_uuid(case_id)) return std::nullopt;
  const CaseHead* found = find(key_of(case_id));
  return found == nullptr ? std::nullopt : std::optional(*found);
}

}  // namespace tenure::evidence
