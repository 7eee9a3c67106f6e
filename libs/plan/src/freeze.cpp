// The canonical form of a plan: ids from content, one order, one digest (docs/formats/plan.md). Each change is written
// once: its text without the id is hashed, the id is put into its slot, and the texts are joined in the order of the
// plan.
#include "canonical.hpp"
#include "text_index.hpp"

#include <algorithm>
#include <cstring>
#include <functional>

#include <tenure/base/hashing.hpp>
#include <tenure/base/workers.hpp>
#include <tenure/plan/plan.hpp>

namespace tenure::plan {
namespace {

constexpr std::size_t kDepthMax = 64;
constexpr std::size_t kBlock = 1024;  // changes that are written into one buffer
constexpr std::string_view kNoCanonicalForm = "canonical JSON holds no floating point and no integer beyond 2^53-1";

std::unexpected<Error> malformed(std::string message) {
  return fail(tenure::Reason::kPlanFormat, std::move(message));
}

std::string label(const Change& change) {
  return std::string(name_of(change.verb)) + " on " + change.target.str() + " (" + change.id.str() + ")";
}

// What each change refers to, by place in the plan, and how deep each one stands.
class Dependencies {
 public:
  explicit Dependencies(const std::vector<Change>& changes) : changes_(changes), depth_(changes.size()) {}

  Status resolve() {
    TENURE_CHECK_OK(resolve_references());
    return measure_depths();
  }

  // In the order of `needs`, then the producer if there is one.
  std::span<const std::uint32_t> of(std::size_t index) const {
    return {references_.data() + offsets_[index], references_.data() + offsets_[index + 1]};
  }
  std::uint32_t depth(std::size_t index) const { return depth_[index]; }
  // Every change comes after what it refers to; those of one depth stand together, the end of each in level_ends().
  const std::vector<std::uint32_t>& order() const { return order_; }
  const std::vector<std::size_t>& level_ends() const { return level_ends_; }

 private:
  Status resolve_references() {
    TextIndex by_id(changes_.size());
    std::size_t references = 0;
    for (std::size_t i = 0; i < changes_.size(); ++i) {
      if (by_id.emplace(changes_[i].id.str(), static_cast<std::uint32_t>(i)) != i)
        return malformed("two changes have the id " + changes_[i].id.str());
      references += changes_[i].needs.size() + !changes_[i].account.producer.empty();
    }
    offsets_.reserve(changes_.size() + 1);
    references_.reserve(references);
    offsets_.push_back(0);
    for (std::size_t i = 0; i < changes_.size(); ++i) {
      for (const auto& need : changes_[i].needs) TENURE_CHECK_OK(follow(by_id, i, need));
      if (const auto& producer = changes_[i].account.producer; !producer.empty())
        TENURE_CHECK_OK(follow(by_id, i, producer));
      offsets_.push_back(references_.size());
    }
    return {};
  }

  Status follow(const TextIndex& by_id, std::size_t index, const model::ChangeId& id) {
    const TextIndex::Number found = by_id.find(id.str());
    if (found == TextIndex::kNone)
      return malformed(label(changes_[index]) + " refers to " + id.str() + ", which is not there");
    if (changes_[found].lane > changes_[index].lane)
      return malformed(label(changes_[index]) + " needs " + label(changes_[found]) + " of a later lane");
    references_.push_back(found);
    return {};
  }

  // Level by level: a change stands one deeper than the deepest that it refers to.
  Status measure_depths() {
    std::vector<std::uint32_t> waits(changes_.size()), users_ends(changes_.size() + 1), users(references_.size());
    for (const std::uint32_t one : references_) ++users_ends[one + 1];
    for (std::size_t i = 0; i < changes_.size(); ++i) users_ends[i + 1] += users_ends[i];
    std::vector<std::uint32_t> at(users_ends.begin(), users_ends.end() - 1);
    order_.reserve(changes_.size());
    for (std::uint32_t i = 0; i < changes_.size(); ++i) {
      waits[i] = static_cast<std::uint32_t>(of(i).size());
      for (const std::uint32_t one : of(i)) users[at[one]++] = i;
      if (waits[i] == 0) order_.push_back(i);
    }
    for (std::size_t begin = 0; begin < order_.size();) {
      const std::size_t end = order_.size();
      level_ends_.push_back(end);
      for (std::size_t k = begin; k < end; ++k)
        for (std::size_t u = users_ends[order_[k]]; u < users_ends[order_[k] + 1]; ++u) {
          if (--waits[users[u]] > 0) continue;
          depth_[users[u]] = static_cast<std::uint32_t>(level_ends_.size());
          order_.push_back(users[u]);
        }
      begin = end;
    }
    for (std::size_t i = 0; i < changes_.size(); ++i)
      if (waits[i] > 0) return malformed("needs go in a circle at " + label(changes_[i]));
    if (level_ends_.size() > kDepthMax)
      return malformed("needs are nested too deeply at " + label(changes_[order_.back()]));
    return {};
  }

  const std::vector<Change>& changes_;
  std::vector<std::size_t> offsets_;
  std::vector<std::uint32_t> references_, depth_, order_;
  std::vector<std::size_t> level_ends_;
};

// The texts of changes, with their ids.
class Texts {
 public:
  Texts(std::vector<Change>& changes, const Dependencies& dependencies, Workers& workers)
      : changes_(changes), dependencies_(dependencies), workers_(workers), texts_(changes.size()) {}

  Status write() {
    std::size_t begin = 0;
    for (const std::size_t end : dependencies_.level_ends()) {
      const std::size_t blocks = (end - begin + kBlock - 1) / kBlock, first = buffers_.size();
      buffers_.resize(first + blocks);
      std::vector<char> ok(blocks, 1);
      workers_.run(blocks, [&](std::size_t block) {
        const std::size_t from = begin + block * kBlock;
        ok[block] = write_block(first + block, from, std::min(from + kBlock, end)) ? 1 : 0;
      });
      if (std::find(ok.begin(), ok.end(), 0) != ok.end()) return malformed(std::string(kNoCanonicalForm));
      begin = end;
    }
    return {};
  }

  // With a comma behind it.
  std::string_view text(std::size_t index) const {
    const Text& one = texts_[index];
    return std::string_view(buffers_[one.buffer]).substr(one.begin, one.size);
  }
  std::size_t size() const {
    std::size_t size = 0;
    for (const std::string& buffer : buffers_) size += buffer.size();
    return size;
  }
  // The id as a number: 16 hexadecimal digits are 64 bits, and compare alike.
  std::uint64_t number(std::size_t index) const { return texts_[index].number; }

 private:
  struct Text {
    std::uint32_t buffer = 0, begin = 0, size = 0;
    std::uint64_t number = 0;
  };

  bool write_block(std::size_t buffer, std::size_t from, std::size_t to) {
    constexpr std::size_t kUsualSize = 768;
    std::string& out = buffers_[buffer];
    out.reserve((to - from) * kUsualSize);
    bool ok = true;
    for (std::size_t k = from; k < to && ok; ++k) {
      const std::uint32_t index = dependencies_.order()[k];
      settle(index);
      Text& text = texts_[index];
      text.buffer = static_cast<std::uint32_t>(buffer);
      text.begin = static_cast<std::uint32_t>(out.size());
      std::size_t slot = 0;
      ok = codec::append_change(out, changes_[index], slot) && out.size() < UINT32_MAX;
      const std::string_view whole = std::string_view(out).substr(text.begin);
      const std::size_t after = slot - text.begin + codec::kIdSlot;
      const Sha256 hash = sha256({whole.substr(0, slot - text.begin), whole.substr(after)});
      for (std::size_t i = 0; i < 8; ++i) text.number = text.number << 8U | hash.bytes[i];
      std::string id = to_hex(hash.view().substr(0, codec::kIdSize / 2));
      std::memcpy(out.data() + slot + codec::kIdBefore.size(), id.data(), id.size());
      changes_[index].id = model::ChangeId(std::move(id));
      out += ',';
      text.size = static_cast<std::uint32_t>(out.size() - text.begin);
    }
    return ok;
  }

  // Facts in order, and references by final ids: what it refers to is of an earlier level.
  void settle(std::uint32_t index) {
    Change& change = changes_[index];
    const auto by_name = [](const auto& a, const auto& b) { return a.first < b.first; };
    if (!std::is_sorted(change.reason.facts.begin(), change.reason.facts.end(), by_name))
      std::sort(change.reason.facts.begin(), change.reason.facts.end(), by_name);
    const auto references = dependencies_.of(index);
    for (std::size_t i = 0; i < change.needs.size(); ++i) change.needs[i] = changes_[references[i]].id;
    if (!change.account.producer.empty()) change.account.producer = changes_[references.back()].id;
    if (change.needs.size() < 2) return;
    std::sort(change.needs.begin(), change.needs.end());
    change.needs.erase(std::unique(change.needs.begin(), change.needs.end()), change.needs.end());
  }

  std::vector<Change>& changes_;
  const Dependencies& dependencies_;
  Workers& workers_;
  std::vector<Text> texts_;
  std::vector<std::string> buffers_;
};

Status order_causes(Plan& plan, Workers& workers) {
  const auto by_id = [](const Cause& a, const Cause& b) { return a.id < b.id; };
  if (!std::is_sorted(plan.causes.begin(), plan.causes.end(), by_id))
    std::sort(plan.causes.begin(), plan.causes.end(), by_id);
  for (std::size_t i = 1; i < plan.causes.size(); ++i)
    if (plan.causes[i - 1].id == plan.causes[i].id)
      return malformed("the cause " + plan.causes[i].id.str() + " is there twice");
  std::vector<char> wrong(plan.causes.size(), 0);
  in_parts(workers, plan.causes.size(), kBlock, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) wrong[i] = plan.causes[i].id != cause_id(plan.causes[i]) ? 1 : 0;
  });
  const auto it = std::find(wrong.begin(), wrong.end(), 1);
  if (it == wrong.end()) return {};
  const Cause& cause = plan.causes[static_cast<std::size_t>(it - wrong.begin())];
  return malformed("the cause " + cause.id.str() + " does not have the id of its content");
}

Status order_rest(Plan& plan, const TextIndex& causes) {
  for (GuardResult& guard : plan.guards) {
    std::sort(guard.causes.begin(), guard.causes.end());
    for (const auto& cause : guard.causes)
      if (causes.find(cause.str()) == TextIndex::kNone)
        return malformed("guard \"" + guard.guard + "\" names a cause that is not there");
  }
  std::sort(plan.unknowns.begin(), plan.unknowns.end(), [](const Unknown& a, const Unknown& b) {
    return std::tie(a.target, a.what, a.reason) < std::tie(b.target, b.what, b.reason);
  });
  std::sort(plan.later.begin(), plan.later.end(), [](const Later& a, const Later& b) {
    return std::tie(a.target, a.account.id, a.entitlement, a.parameters) <
           std::tie(b.target, b.account.id, b.entitlement, b.parameters);
  });
  std::sort(plan.guards.begin(), plan.guards.end(),
            [](const GuardResult& a, const GuardResult& b) { return a.guard < b.guard; });
  return {};
}

// Where a change stands in a plan: lane, an onboarding last, depth, cause, id.
struct Place {
  std::uint64_t before_id = 0;  // the first four
  std::uint64_t id = 0;
  std::uint32_t index = 0;
  friend bool operator<(const Place& a, const Place& b) {
    return a.before_id != b.before_id ? a.before_id < b.before_id : a.id < b.id;
  }
};

Result<std::vector<Place>> order_changes(const Plan& plan, const TextIndex& causes, const Dependencies& dependencies,
                                         const Texts& texts) {
  static_assert(kDepthMax < 1U << 8U);
  std::vector<Place> places(plan.changes.size());
  TextIndex::Number cause = TextIndex::kNone;
  for (std::uint32_t i = 0; i < places.size(); ++i) {
    const Change& change = plan.changes[i];
    if (i == 0 || change.cause != plan.changes[i - 1].cause) cause = causes.find(change.cause.str());
    if (cause == TextIndex::kNone) return malformed(label(change) + " has no cause in the plan");
    const std::uint64_t lane =
        std::uint64_t{static_cast<std::uint8_t>(change.lane)} << 1U | (change.verb == Verb::kOnboard ? 1U : 0U);
    places[i] = {(lane << 8U | dependencies.depth(i)) << 32U | cause, texts.number(i), i};
  }
  std::sort(places.begin(), places.end());
  for (std::size_t i = 1; i < places.size(); ++i)
    if (!(places[i - 1] < places[i]))
      return malformed("the change " + label(plan.changes[places[i].index]) + " is there twice");
  return places;
}

// changes[i] becomes what stood at places[i].index, without a second copy of the plan.
void rearrange(std::vector<Change>& changes, const std::vector<Place>& places) {
  std::vector<char> done(changes.size(), 0);
  for (std::size_t start = 0; start < changes.size(); ++start) {
    if (done[start] != 0 || places[start].index == start) continue;
    Change first = std::move(changes[start]);
    std::size_t hole = start;
    while (places[hole].index != start) {
      const std::size_t from = places[hole].index;
      changes[hole] = std::move(changes[from]);
      done[hole] = 1;
      hole = from;
    }
    changes[hole] = std::move(first);
    done[hole] = 1;
  }
}

template <class Element>
bool append_list(std::string& out, std::string_view key, const std::vector<Element>& elements,
                 bool (*append)(std::string&, const Element&)) {
  out += key;
  out += '[';
  bool first = true, ok = true;
  for (const Element& element : elements) {
    if (!first) out += ',';
    first = false;
    ok = append(out, element) && ok;
  }
  out += ']';
  return ok;
}

// What stands before the changes, and behind them.
bool append_head(std::string& out, const Plan& plan) {
  bool ok = append_list(out, "{\"approvals\":", plan.approvals, codec::append_approval);
  ok = append_list(out, ",\"causes\":", plan.causes, codec::append_cause) && ok;
  out += ",\"changes\":[";
  return ok;
}

bool append_tail(std::string& out, const Plan& plan) {
  out += "],\"format\":\"plan/v1\"";
  bool ok = append_list(out, ",\"guards\":", plan.guards, codec::append_guard);
  if (!plan.later.empty()) ok = append_list(out, ",\"later\":", plan.later, codec::append_later) && ok;
  out += ",\"policy\":";
  json::append_quoted(out, plan.policy.str());
  out += ",\"purpose\":";
  json::append_quoted(out, plan.purpose);
  ok = append_list(out, ",\"unknowns\":", plan.unknowns, codec::append_unknown) && ok;
  out += '}';
  return ok;
}

// The document in its parts, in order.
template <class Take>
void in_order(const std::string& head, const std::string& tail, const Texts& texts, const std::vector<Place>& places,
              Take take) {
  take(std::string_view(head));
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::string_view text = texts.text(places[i].index);  // with a comma behind it
    take(i + 1 < places.size() ? text : text.substr(0, text.size() - 1));
  }
  take(std::string_view(tail));
}

}  // namespace

Result<Frozen> freeze(Plan& plan) {
  return freeze(plan, own_thread());
}

Result<Frozen> freeze(Plan& plan, Workers& workers) {
  Dependencies dependencies(plan.changes);
  TENURE_CHECK_OK(dependencies.resolve());
  TENURE_CHECK_OK(order_causes(plan, workers));
  TextIndex causes(plan.causes.size());
  for (const Cause& cause : plan.causes) causes.number_of(cause.id.str());
  TENURE_CHECK_OK(order_rest(plan, causes));
  Texts texts(plan.changes, dependencies, workers);
  TENURE_CHECK_OK(texts.write());
  TENURE_TRY(const std::vector<Place> places, order_changes(plan, causes, dependencies, texts));
  Frozen frozen;
  std::string head, tail;
  if (!append_head(head, plan) || !append_tail(tail, plan)) return malformed(std::string(kNoCanonicalForm));
  // Hashed from the parts while they are put together.
  const std::function<void()> pieces[] = {
      [&] {
        Hashing hashing;
        in_order(head, tail, texts, places, [&](std::string_view part) { hashing.add(part); });
        frozen.digest = Digest(hashing.end());
      },
      [&] {
        frozen.bytes.reserve(head.size() + texts.size() + tail.size());
        in_order(head, tail, texts, places, [&](std::string_view part) { frozen.bytes += part; });
      },
      [&] { rearrange(plan.changes, places); },
  };
  workers.run(std::size(pieces), [&](std::size_t piece) { pieces[piece](); });
  return frozen;
}

}  // namespace tenure::plan
