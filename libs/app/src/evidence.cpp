#include "people.hpp"
#include "world.hpp"

#include <algorithm>

#include <tenure/app/evidence.hpp>
#include <tenure/base/file.hpp>
#include <tenure/evidence/commitment.hpp>
#include <tenure/evidence/leaf.hpp>
#include <tenure/evidence/merkle.hpp>
#include <tenure/evidence/tiles.hpp>
#include <tenure/evidence_verify/verify.hpp>
#include <tenure/runtime/sealer.hpp>

namespace tenure::app {
namespace {

constexpr std::size_t kFaultsShown = 20;

// Leaf hashes of the log on disk, by index.
Result<std::vector<Sha256>> leaf_hashes(const Workspace& workspace, std::uint64_t size) {
  constexpr std::uint64_t kAtOnce = 128;  // lies in one tile
  const auto read = evidence::make_hash_reader(
      size, [&](const std::string& path) { return read_file(workspace.folder() + "/log/" + path); });
  std::vector<Sha256> hashes;
  for (std::uint64_t first = 0; first < size; first += kAtOnce) {
    TENURE_TRY(const auto some, read(0, first, std::min(kAtOnce, size - first)));
    hashes.insert(hashes.end(), some.begin(), some.end());
  }
  return hashes;
}

// The values that the leaf commits to, as far as their openings are kept and fit.
Status open_fields(store::EvidenceReader& reader, const store::StoredRecord& record, const evidence::Leaf& leaf,
                   RecordView& view) {
  TENURE_TRY(const auto openings, reader.openings(record.sequence));
  for (const auto& [field, commitment] : leaf.commitments) {
    const auto it =
        std::find_if(openings.begin(), openings.end(), [&](const auto& opening) { return opening.field == field; });
    evidence::Salt salt{};
    if (it == openings.end() || it->salt.size() != salt.size()) {
      view.erased.push_back(field);
      continue;
    }
    std::copy(it->salt.begin(), it->salt.end(), salt.begin());
    if (!evidence::opens(commitment, field, salt, it->value))
      return fail(Reason::kEvidenceBroken,
                  "the opening of " + field + " in record " + record.id + " does not fit its commitment");
    TENURE_TRY(json::Value value, json::parse(it->value));
    view.opened.emplace(field, std::move(value));
  }
  return {};
}

RecordView view_of(const store::StoredRecord& record, const evidence::Leaf& leaf) {
  RecordView view;
  view.sequence = record.sequence;
  view.leaf_index = record.leaf_index;
  view.id = leaf.id;
  view.type = leaf.type;
  view.time = leaf.time.to_rfc3339();
  view.mode = evidence::mode_text(leaf.mode);
  view.outcome = evidence::outcome_text(leaf.outcome);
  view.actor = std::string(evidence::actor_kind_text(leaf.actor.kind)) + ":" + leaf.actor.ref;
  view.subject = leaf.subject;
  view.target = leaf.target.system;
  view.facts = leaf.facts;
  if (leaf.place) {
    view.case_id = leaf.place->id;
    view.case_seq = leaf.place->seq;
  }
  return view;
}

bool matches(const RecordFilter& filter, const std::string& subject, const evidence::Leaf& leaf) {
  if (!filter.id.empty() && !leaf.id.starts_with(filter.id)) return false;
  if (!filter.case_id.empty() && (!leaf.place || !leaf.place->id.starts_with(filter.case_id))) return false;
  if (!subject.empty() && leaf.subject != subject) return false;
  if (filter.type.empty()) return true;
  if (filter.type.ends_with("*")) return leaf.type.starts_with(filter.type.substr(0, filter.type.size() - 1));
  return leaf.type == filter.type;
}

// The leaves of the log are the records of the store: same bytes at every index. The verifier has checked the log
// itself.
Status compare_with_store(Workspace& workspace, Verification& verification) {
  auto& reader = workspace.store().evidence();
  TENURE_TRY(verification.records, reader.record_count());
  TENURE_TRY(const std::int64_t sealed, reader.sealed_count());
  if (sealed != verification.sealed)
    verification.faults.push_back("the store says that " + std::to_string(sealed) +
                                  " records are sealed, the log holds " + std::to_string(verification.sealed));
  TENURE_TRY(const auto hashes, leaf_hashes(workspace, static_cast<std::uint64_t>(verification.sealed)));
  return reader.records(1, SIZE_MAX, [&](const store::StoredRecord& record) {
    if (record.leaf_index < 0) return true;
    const auto index = static_cast<std::size_t>(record.leaf_index);
    if (index < hashes.size() && hashes[index] == evidence::leaf_hash(record.leaf)) return true;
    verification.faults.push_back("record " + record.id + " in the store is not entry " + std::to_string(index) +
                                  " of the log");
    return verification.faults.size() < kFaultsShown;
  });
}

}  // namespace

Result<std::vector<RecordView>> show_records(Workspace& workspace, const RecordFilter& filter) {
  std::string subject;
  if (!filter.identity.empty()) {
    TENURE_TRY(const Everybody everybody, load_everybody(workspace));
    TENURE_TRY(const auto row, must_find_identity(everybody.population, filter.identity));
    subject = "identity:" + std::to_string(population::People::id(row).value());
  }
  auto& reader = workspace.store().evidence();
  std::vector<store::StoredRecord> found;
  std::optional<Error> fault;
  TENURE_CHECK_OK(reader.records(1, SIZE_MAX, [&](const store::StoredRecord& record) {
    const auto leaf = evidence::parse_leaf(record.leaf);
    if (!leaf) {
      fault = Error(Reason::kEvidenceBroken, "record " + record.id + ": " + leaf.error().message());
      return false;
    }
    if (matches(filter, subject, *leaf)) found.push_back(record);
    return true;
  }));
  if (fault) return fail(std::move(*fault));
  if (found.empty() && !filter.id.empty())
    return fail(Reason::kEvidenceNotFound, "there is no record \"" + filter.id + "\"");
  if (filter.last != 0 && found.size() > filter.last)
    found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(filter.last));
  std::vector<RecordView> views;
  for (const auto& record : found) {
    TENURE_TRY(const evidence::Leaf leaf, evidence::parse_leaf(record.leaf));
    views.push_back(view_of(record, leaf));
    TENURE_CHECK_OK(open_fields(reader, record, leaf, views.back()));
  }
  return views;
}

Result<SealOutcome> seal(Workspace& workspace) {
  TENURE_TRY(const std::int64_t before, workspace.store().evidence().sealed_count());
  TENURE_TRY(auto sealer, runtime::Sealer::open(workspace.folder(), workspace.store()));
  TENURE_TRY(const auto checkpoint, sealer->seal(SIZE_MAX));
  const auto size = static_cast<std::int64_t>(checkpoint.size);
  return SealOutcome{size - before, size, workspace.folder() + "/log/checkpoint"};
}

Result<Verification> verify_evidence(Workspace& workspace) {
  // What the sealer refuses to build on is a finding of the verification, not a reason to give it up: the place is
  // named.
  const auto sealed = seal(workspace);
  if (!sealed && sealed.error().code() != Code::kDataLoss) return fail(sealed.error());
  TENURE_TRY(const std::string vkey, read_file(workspace.folder() + "/vkey"));
  evidence_verify::Options options;
  if (auto remembered = read_file(workspace.folder() + "/high-water")) options.at_least = *remembered;
  const auto report =
      evidence_verify::verify_log(workspace.folder() + "/log", vkey.substr(0, vkey.find('\n')), options);
  Verification verification;
  verification.origin = report.origin;
  verification.root = report.root;
  verification.sealed = static_cast<std::int64_t>(report.size);
  verification.cases = static_cast<std::int64_t>(report.cases);
  verification.cases_open = static_cast<std::int64_t>(report.open_cases);
  for (const auto& fault : report.faults)
    if (verification.faults.size() < kFaultsShown) verification.faults.push_back(fault.to_string());
  if (!sealed) verification.faults.push_back(sealed.error().to_string());
  if (report.ok) TENURE_CHECK_OK(compare_with_store(workspace, verification));
  verification.ok = report.ok && verification.faults.empty();
  return verification;
}

}  // namespace tenure::app
