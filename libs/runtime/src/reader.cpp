#include <algorithm>
#include <map>
#include <set>

#include <tenure/base/hash.hpp>
#include <tenure/model/decision.hpp>
#include <tenure/runtime/blocks.hpp>
#include <tenure/runtime/reader.hpp>

namespace tenure::runtime {
namespace {

std::string meta_id(const model::TargetName& target) {
  return target.str() + "/meta";
}
std::string block_prefix(const model::TargetName& target) {
  return target.str() + "/b/";
}
std::string delta_prefix(const model::TargetName& target) {
  return target.str() + "/d/";
}

// One account with its direct grants, without what the account's id says already.
json::Value image_json(const model::AccountImage& image) {
  json::Array grants;
  for (const model::Grant& grant : image.grants) {
    json::Object one{{"entitlement", grant.entitlement.str()}};
    if (!grant.parameters.empty()) one.emplace("parameters", grant.parameters);
    grants.emplace_back(std::move(one));
  }
  json::Object object{{"account", model::to_json(image.account)}};
  if (!grants.empty()) object.emplace("grants", std::move(grants));
  return object;
}

Result<model::AccountImage> image_from(const json::Value& value) {
  const json::Reader reader(value, "observed");
  model::AccountImage image;
  TENURE_TRY(const json::Reader account, reader.member("account"));
  TENURE_TRY(image.account, model::account_from_json(account.value()));
  if (value.find("grants") != nullptr) {
    TENURE_TRY(const std::vector<json::Reader> grants, reader.array("grants"));
    for (const json::Reader& one : grants) {
      TENURE_TRY(const std::string entitlement, one.string("entitlement"));
      image.grants.push_back(
          {{image.account.id, {}}, model::EntitlementId(entitlement), one.value().string_or("parameters", "")});
    }
  }
  return image;
}

Result<json::Value> body_of(const store::Row& row) {
  auto value = json::parse(row.body);
  if (!value) return fail(Reason::kStoreCorrupt, row.id + ": " + value.error().message());
  return value;
}

struct Delta {
  std::string row_id;
  model::NativeId account;
  Time at;
  std::optional<model::AccountImage> image;
};

Result<std::vector<Delta>> load_deltas(store::Snapshot& snapshot, const model::TargetName& target) {
  std::vector<Delta> deltas;
  Status status;
  const std::string prefix = delta_prefix(target);
  const auto take = [&](const store::Row& row) -> Status {
    TENURE_TRY(const json::Value body, body_of(row));
    Delta delta{.row_id = row.id, .account = model::NativeId(row.id.substr(prefix.size()))};
    TENURE_TRY(delta.at, Time::parse(body.string_or("at", "")));
    if (const json::Value* image = body.find("image"); image != nullptr && image->is_object()) {
      TENURE_TRY(delta.image, image_from(*image));
    }
    deltas.push_back(std::move(delta));
    return {};
  };
  TENURE_CHECK_OK(snapshot.scan({.table = store::Table::kObserved, .owner = target.str(), .state = "delta"},
                                [&](const store::Row& row) { return (status = take(row)).has_value(); }));
  TENURE_CHECK_OK(status);
  return deltas;
}

Status load_meta(const json::Value& meta, model::Observation& observation) {
  // The model's own codec reads coverage, entitlements and nesting; accounts come from the blocks.
  TENURE_TRY(observation, model::observation_from_json(meta));
  return {};
}

void add_image(model::Observation& observation, model::AccountImage image) {
  for (model::Grant& grant : image.grants) observation.grants.push_back(std::move(grant));
  observation.accounts.push_back(std::move(image.account));
}

std::vector<model::AccountImage> images_of(const model::Observation& observation) {
  std::map<model::NativeId, model::AccountImage> by_id;
  for (const model::Account& account : observation.accounts) by_id[account.id].account = account;
  for (const model::Grant& grant : observation.grants)
    if (const auto it = by_id.find(grant.holder.account); !grant.holder.account.empty() && it != by_id.end())
      it->second.grants.push_back(grant);
  std::vector<model::AccountImage> images;
  images.reserve(by_id.size());
  for (auto& [id, image] : by_id) images.push_back(std::move(image));
  return images;
}

// What this reading could not cover is taken over from the last one (T9).
void keep_unknown(model::Observation& now, const model::Observation& before) {
  const std::set<std::string> unknown(now.coverage.unknown.begin(), now.coverage.unknown.end());
  if (unknown.empty()) return;
  std::set<model::NativeId> known;
  for (const model::Account& account : now.accounts) known.insert(account.id);
  std::set<model::NativeId> kept;
  for (const model::Account& account : before.accounts)
    if (unknown.contains(account.account_class) && !known.contains(account.id)) {
      now.accounts.push_back(account);
      kept.insert(account.id);
    }
  for (const model::Grant& grant : before.grants) {
    const bool lost = unknown.contains("grants") || unknown.contains("entitlements") ||
                      unknown.contains("grants:" + grant.entitlement.str()) || kept.contains(grant.holder.account);
    const bool holder =
        grant.holder.account.empty() || known.contains(grant.holder.account) || kept.contains(grant.holder.account);
    if (lost && holder && std::find(now.grants.begin(), now.grants.end(), grant) == now.grants.end())
      now.grants.push_back(grant);
  }
  if (unknown.contains("entitlements")) {
    std::set<model::EntitlementId> ids;
    for (const model::ObservedEntitlement& one : now.entitlements) ids.insert(one.id);
    for (const model::ObservedEntitlement& one : before.entitlements)
      if (!ids.contains(one.id)) now.entitlements.push_back(one);
  }
  now.sort();
}

json::Value meta_json(const model::Observation& observation, int bits,
                      const std::map<std::string, std::string>& blocks) {
  model::Observation rest;
  rest.target = observation.target;
  rest.read_at = observation.read_at;
  rest.coverage = observation.coverage;
  rest.entitlements = observation.entitlements;
  for (const model::Grant& grant : observation.grants)
    if (grant.holder.account.empty()) rest.grants.push_back(grant);
  json::Value meta = model::to_json(rest);
  json::Object digests;
  for (const auto& [block, digest] : blocks) digests.emplace(block, digest);
  meta.as_object().insert_or_assign("blocks", std::move(digests));
  meta.as_object().insert_or_assign("bits", bits);
  return meta;
}

evidence::Draft reading_draft(const TargetReading& reading, Time now) {
  evidence::Draft draft;
  draft.time = now;
  draft.actor = {evidence::ActorKind::kSystem, "reader"};
  draft.target.system = reading.target.str();
  return draft;
}

}  // namespace

Status visit_observation(store::Snapshot& snapshot, const model::TargetName& target,
                         const ObservationVisitor& visitor) {
  TENURE_TRY(const auto meta, snapshot.get(store::Table::kObserved, meta_id(target)));
  if (!meta) {
    visitor.head(nullptr);
    return {};
  }
  TENURE_TRY(const json::Value body, body_of(*meta));
  model::Observation head;
  TENURE_CHECK_OK(load_meta(body, head));
  visitor.head(&head);
  ObservedBlock block;
  Status status;
  const std::string prefix = block_prefix(target);
  TENURE_CHECK_OK(snapshot.scan({.table = store::Table::kObserved, .after_id = prefix}, [&](const store::Row& row) {
    if (!row.id.starts_with(prefix)) return false;
    status = decode_observed(row.body, block);
    if (status) status = visitor.many(block);
    return status.has_value();
  }));
  TENURE_CHECK_OK(status);
  TENURE_TRY(std::vector<Delta> deltas, load_deltas(snapshot, target));
  for (Delta& delta : deltas) visitor.one(delta.account, std::move(delta.image));
  return {};
}

Result<std::optional<model::Observation>> load_observation(store::Snapshot& snapshot, const model::TargetName& target) {
  std::optional<model::Observation> observation;
  std::map<model::NativeId, model::AccountImage> images;
  ObservationVisitor visitor;
  visitor.head = [&](const model::Observation* head) {
    if (head != nullptr) observation = *head;
  };
  visitor.many = [&](const ObservedBlock& block) -> Status {
    TENURE_TRY(std::vector<model::AccountImage> some, images_of(block));
    for (model::AccountImage& image : some) images.insert_or_assign(image.account.id, std::move(image));
    return {};
  };
  std::set<model::EntitlementId> later;
  visitor.one = [&](const model::NativeId& account, std::optional<model::AccountImage> image) {
    images.erase(account);
    if (!image) return;
    for (const model::Grant& grant : image->grants) later.insert(grant.entitlement);
    images.emplace(account, std::move(*image));
  };
  TENURE_CHECK_OK(visit_observation(snapshot, target, visitor));
  if (!observation) return observation;
  for (const model::ObservedEntitlement& one : observation->entitlements) later.erase(one.id);
  for (const model::EntitlementId& id : later)  // it came up since the full reading
    observation->entitlements.push_back({id, ""});
  for (auto& [id, image] : images) add_image(*observation, std::move(image));
  observation->sort();
  return observation;
}

Result<std::vector<store::Write>> writes_for(store::Snapshot& snapshot, const model::Observation& observation) {
  const model::TargetName& target = observation.target;
  TENURE_TRY(const auto stored, snapshot.get(store::Table::kObserved, meta_id(target)));
  std::map<std::string, std::string> old_blocks;
  int old_bits = -1;
  model::Observation now = observation;
  if (stored) {
    TENURE_TRY(const json::Value meta, body_of(*stored));
    old_bits = static_cast<int>(meta.int_or("bits", -1));
    if (const json::Value* blocks = meta.find("blocks"); blocks != nullptr && blocks->is_object())
      for (const auto& [block, digest] : blocks->as_object())
        if (digest.is_string()) old_blocks.emplace(block, digest.as_string());
    if (!observation.coverage.unknown.empty()) {
      TENURE_TRY(const auto before, load_observation(snapshot, target));
      if (before) keep_unknown(now, *before);
    }
  }
  const int bits = bits_for(now.accounts.size(), old_bits);
  std::map<std::string, std::vector<model::AccountImage>> blocks;
  for (model::AccountImage& image : images_of(now))
    blocks[block_of(image.account.id, bits)].push_back(std::move(image));

  std::vector<store::Write> writes;
  std::map<std::string, std::string> digests;
  for (const auto& [block, accounts] : blocks) {
    store::Write write{.table = store::Table::kObserved, .id = block_prefix(target) + block};
    write.index = {target.str(), "block", 0};
    write.body = encode_observed(accounts);
    std::string digest = Digest::of(write.body).str();
    const auto old = old_blocks.find(block);
    const bool same = old != old_blocks.end() && old_bits == bits && old->second == digest;
    digests.emplace(block, std::move(digest));
    if (!same) writes.push_back(std::move(write));
  }
  for (const auto& [block, digest] : old_blocks)
    if (!digests.contains(block))
      writes.push_back({.table = store::Table::kObserved, .id = block_prefix(target) + block, .erase = true});
  // A read-back that is newer than the beginning of this reading knows more than it.
  TENURE_TRY(const std::vector<Delta> deltas, load_deltas(snapshot, target));
  for (const Delta& delta : deltas)
    if (delta.at < observation.read_at)
      writes.push_back({.table = store::Table::kObserved, .id = delta.row_id, .erase = true});
  store::Write meta{.table = store::Table::kObserved, .id = meta_id(target)};
  meta.index = {target.str(), "meta", 0};
  TENURE_TRY(meta.body, json::canonical(meta_json(now, bits, digests)));
  writes.push_back(std::move(meta));
  return writes;
}

store::Write apply_image(const engine::ImageUpdate& update, Time at) {
  store::Write write{.table = store::Table::kObserved,
                     .id = delta_prefix(update.account.target) + update.account.id.str()};
  write.index = {update.account.target.str(), "delta", 0};
  json::Object body{{"at", at.to_rfc3339()}};
  body.emplace("image", update.image ? image_json(*update.image) : json::Value());
  write.body = json::to_string(body);
  return write;
}

TargetReading read_target(connector::Connection& connection, const model::TargetName& target, Duration timeout,
                          const Clock& clock) {
  TargetReading reading{.target = target,
                        .begun_at = clock.now(),
                        .observation = fail(Reason::kConnectorUnsupported, "the connector cannot read accounts")};
  connector::AccountReader* reader = connection.account_reader();
  if (reader == nullptr) return reading;
  reading.observation = reader->read_all({.timeout = timeout});
  if (!reading.observation) return reading;
  // The target is as it was when the reading began, or when what was read was written: an export is older than that.
  reading.observation->target = target;
  Time& read_at = reading.observation->read_at;
  if (read_at == Time{} || read_at > reading.begun_at) read_at = reading.begun_at;
  return reading;
}

Result<store::Batch> batch_for(const TargetReading& reading, store::Snapshot& snapshot, Time now) {
  store::Batch batch;
  TENURE_TRY(const auto row, snapshot.get(store::Table::kTarget, reading.target.str()));
  model::TargetState state;
  state.target = reading.target;
  if (row) {
    TENURE_TRY(const json::Value body, body_of(*row));
    TENURE_TRY(state, model::target_state_from_json(body));
  }
  evidence::Draft draft = reading_draft(reading, now);
  if (reading.observation) {
    const model::Observation& seen = *reading.observation;
    TENURE_TRY(batch.writes, writes_for(snapshot, seen));
    state.last_full_read = seen.read_at;
    state.unknown_since = Time{};
    // A reading in part is an answer, and what it lacks is still unknown: people are told as long as it is so.
    state.unknown_reason = seen.coverage.complete         ? ""
                           : seen.coverage.reason.empty() ? "it answered only in part"
                                                          : seen.coverage.reason;
    state.observation_digest = seen.content_digest();
    draft.type = evidence::event::kReadCompleted;
    draft.fields = {{"digest", state.observation_digest}, {"coverage", model::to_json(seen.coverage)}};
    draft.facts = {{"accounts", seen.accounts.size()},
                   {"entitlements", seen.entitlements.size()},
                   {"grants", seen.grants.size()},
                   {"complete", seen.coverage.complete},
                   {"unknown", seen.coverage.unknown.size()},
                   {"begun_at", reading.begun_at.to_rfc3339()}};
  } else {
    const Error& error = reading.observation.error();
    if (state.unknown_since == Time{}) state.unknown_since = now;
    state.unknown_reason = error.to_string();
    draft.type = evidence::event::kReadFailed;
    draft.outcome = evidence::Outcome::kFailure;
    draft.fields = {{"problem", state.unknown_reason}};
    draft.facts = {{"reason", reason_code(error.reason())}};
  }
  store::Write write{.table = store::Table::kTarget,
                     .id = reading.target.str(),
                     .expected_version = row ? row->version : store::kMustNotExist};
  write.index = row ? row->index : store::Index{reading.target.str(), "", 0};
  TENURE_TRY(write.body, json::canonical(model::to_json(state)));
  batch.writes.push_back(std::move(write));
  batch.records.push_back(std::move(draft));
  return batch;
}

}  // namespace tenure::runtime
