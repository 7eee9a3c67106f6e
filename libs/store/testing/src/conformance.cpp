#include <gtest/gtest.h>

#include <tenure/evidence/leaf.hpp>
#include <tenure/store/testing/conformance.hpp>

namespace tenure::store::testing {
namespace {

constexpr const char* kCase = "0b9e6f4e-5f7b-4f0e-9c56-0d6f9a3a1c01";

Write put(Table table, std::string id, std::string body, std::int64_t expected = kAnyVersion, Index index = {}) {
  return {table, std::move(id), expected, false, std::move(index), std::move(body)};
}

std::optional<Row> get(Store& store, Table table, std::string_view id) {
  return store.snapshot().value()->get(table, id).value();
}

std::vector<std::string> ids(Store& store, const Query& query) {
  std::vector<std::string> found;
  EXPECT_TRUE(store.snapshot().value()->scan(query, [&](const Row& row) {
    found.push_back(row.id);
    return true;
  }));
  return found;
}

}  // namespace

evidence::Draft sample_draft(const std::string& case_id, std::int64_t n) {
  evidence::Draft draft;
  draft.type = "change.planned";
  draft.time = Time::from_micros(1'795'000'000'000'000 + n);
  draft.case_id = case_id;
  draft.actor = {evidence::ActorKind::kSystem, "planner"};
  draft.facts = {{"n", n}};
  draft.fields = {{"login", "ana.ash"}};
  return draft;
}

void check_rows_and_versions(Store& store) {
  ASSERT_TRUE(store.commit({{put(Table::kMeta, "a", "{\"x\":1}", kMustNotExist)}, {}}));
  EXPECT_EQ(get(store, Table::kMeta, "a")->version, 1);
  EXPECT_EQ(store.commit({{put(Table::kMeta, "a", "{}", kMustNotExist)}, {}}).error().reason(), Reason::kStoreConflict);
  ASSERT_TRUE(store.commit({{put(Table::kMeta, "a", "{\"x\":2}", 1)}, {}}));
  EXPECT_EQ(store.commit({{put(Table::kMeta, "a", "{\"x\":3}", 1)}, {}}).error().reason(), Reason::kStoreConflict);
  ASSERT_TRUE(store.commit({{put(Table::kMeta, "a", "{\"x\":4}")}, {}}));
  EXPECT_EQ(get(store, Table::kMeta, "a")->version, 3);
  EXPECT_EQ(get(store, Table::kMeta, "a")->body, "{\"x\":4}");
  Write erase = put(Table::kMeta, "a", "", 2);
  erase.erase = true;
  EXPECT_EQ(store.commit({{erase}, {}}).error().reason(), Reason::kStoreConflict);
  erase.expected_version = 3;
  ASSERT_TRUE(store.commit({{erase}, {}}));
  EXPECT_FALSE(get(store, Table::kMeta, "a").has_value());
}

void check_batches_are_atomic(Store& store) {
  const std::int64_t records = store.evidence().record_count().value();
  Batch batch;
  batch.writes = {put(Table::kMeta, "one", "{}"), put(Table::kMeta, "two", "{}", 99)};
  batch.records = {sample_draft(kCase, 1)};
  EXPECT_EQ(store.commit(batch).error().reason(), Reason::kStoreConflict);
  EXPECT_FALSE(get(store, Table::kMeta, "one").has_value());
  EXPECT_EQ(store.evidence().record_count().value(), records);
  // A record that is refused takes the rows with it (T4).
  batch.writes.pop_back();
  batch.records[0].type = "no.such.type";
  EXPECT_EQ(store.commit(batch).error().reason(), Reason::kRecordInvalid);
  EXPECT_FALSE(get(store, Table::kMeta, "one").has_value());
  // And the chain of the case is as if neither had been tried.
  batch.records[0] = sample_draft(kCase, 2);
  const auto committed = store.commit(batch);
  ASSERT_TRUE(committed);
  const auto record = store.evidence().record(committed->record_ids.at(0)).value();
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->case_id, kCase);
  EXPECT_TRUE(evidence::parse_leaf(record->leaf));
}

void check_queries(Store& store) {
  Batch batch;
  for (int i = 0; i < 5; ++i)
    batch.writes.push_back(put(Table::kChange, "c" + std::to_string(i), "{}", kAnyVersion,
                               {i % 2 == 0 ? "directory" : "ledger", i < 3 ? "ready" : "done", std::int64_t{i} * 10}));
  ASSERT_TRUE(store.commit(batch));
  using V = std::vector<std::string>;
  EXPECT_EQ(ids(store, {Table::kChange}), (V{"c0", "c1", "c2", "c3", "c4"}));
  EXPECT_EQ(ids(store, {Table::kChange, "directory"}), (V{"c0", "c2", "c4"}));
  EXPECT_EQ(ids(store, {Table::kChange, std::nullopt, "ready"}), (V{"c0", "c1", "c2"}));
  EXPECT_EQ(ids(store, {Table::kChange, std::nullopt, "ready", 10}), (V{"c0", "c1"}));
  EXPECT_EQ(ids(store, {Table::kChange, "directory", "done", 40}), (V{"c4"}));
  EXPECT_EQ(ids(store, {Table::kChange, {}, {}, {}, "c2"}), (V{"c3", "c4"}));
  EXPECT_EQ(ids(store, {Table::kChange, {}, {}, {}, "c0", 2}), (V{"c1", "c2"}));
  EXPECT_EQ(store.snapshot().value()->count({Table::kChange, "ledger"}).value(), 2);
}

void check_snapshots_stand_still(Store& store) {
  ASSERT_TRUE(store.commit({{put(Table::kTarget, "t", "{\"v\":1}")}, {}}));
  const auto before = store.snapshot().value();
  EXPECT_EQ(before->get(Table::kTarget, "t").value()->body, "{\"v\":1}");
  const auto committed = store.commit({{put(Table::kTarget, "t", "{\"v\":2}")}, {}}).value();
  EXPECT_EQ(before->get(Table::kTarget, "t").value()->body, "{\"v\":1}");
  EXPECT_LT(before->sequence(), committed.sequence);
  const auto after = store.snapshot().value();
  EXPECT_EQ(after->sequence(), committed.sequence);
  EXPECT_EQ(after->get(Table::kTarget, "t").value()->body, "{\"v\":2}");
}

void check_evidence_and_sealing(Store& store) {
  const std::int64_t sealed = store.evidence().sealed_count().value();
  const auto committed = store.commit({{}, {sample_draft(kCase, 3), sample_draft(kCase, 4)}}).value();
  const auto openings = store.evidence().openings(committed.first_record).value();
  ASSERT_EQ(openings.size(), 1U);
  EXPECT_EQ(openings[0].field, "login");
  EXPECT_EQ(openings[0].salt.size(), 32U);
  EXPECT_EQ(openings[0].value, "\"ana.ash\"");
  const auto unsealed = store.evidence().unsealed(SIZE_MAX).value();
  ASSERT_GE(unsealed.size(), 2U);
  EXPECT_EQ(unsealed.back().sequence, committed.first_record + 1);
  std::vector<std::int64_t> sequences;
  for (const auto& record : unsealed) sequences.push_back(record.sequence);
  EXPECT_EQ(store.mark_sealed(sealed + 1, sequences).error().reason(), Reason::kStoreFenced);
  ASSERT_TRUE(store.mark_sealed(sealed, sequences));
  EXPECT_TRUE(store.evidence().unsealed(SIZE_MAX).value().empty());
  EXPECT_EQ(store.evidence().sealed_count().value(), sealed + static_cast<std::int64_t>(sequences.size()));
  EXPECT_EQ(store.mark_sealed(sealed, sequences).error().reason(), Reason::kStoreFenced);
  std::int64_t last_index = -1;
  ASSERT_TRUE(store.evidence().records(sequences.front(), SIZE_MAX, [&](const StoredRecord& record) {
    last_index = record.leaf_index;
    return true;
  }));
  EXPECT_EQ(last_index, sealed + static_cast<std::int64_t>(sequences.size()) - 1);
}

void check_reopening(const Factory& open) {
  const std::string other = "0b9e6f4e-5f7b-4f0e-9c56-0d6f9a3a1c02";
  std::int64_t sequence = 0, sealed = 0;
  {
    auto store = open();
    ASSERT_NE(store, nullptr);
    sequence =
        store->commit({{put(Table::kRun, "r", "{\"k\":1}", kAnyVersion, {"o", "s", 7})}, {sample_draft(other, 1)}})
            .value()
            .sequence;
    sealed = store->evidence().sealed_count().value();
  }
  auto store = open();
  ASSERT_NE(store, nullptr);
  const auto row = get(*store, Table::kRun, "r");
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->index, (Index{"o", "s", 7}));
  EXPECT_EQ(store->snapshot().value()->sequence(), sequence);
  EXPECT_EQ(store->evidence().sealed_count().value(), sealed);
  const auto committed = store->commit({{}, {sample_draft(other, 2)}}).value();
  EXPECT_EQ(committed.sequence, sequence + 1);
  const auto leaf = evidence::parse_leaf(store->evidence().record(committed.record_ids[0]).value()->leaf).value();
  ASSERT_TRUE(leaf.place.has_value());
  EXPECT_EQ(leaf.place->seq, 2);
}

}  // namespace tenure::store::testing
