#include "column_forms.hpp"

#include "column_tables.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace tenure::cel {
namespace {

using population::Bitmap;
using population::Column;
using Code = Column::Code;

// More bitmaps than these for one leaf, or columns of more values than these: the codes are scanned instead.
constexpr std::size_t kBitmapsMax = 16;
constexpr std::size_t kBitmapCodesMax = 1'024;
// From so many bitmaps of one column on, all are made in one pass.
constexpr std::size_t kIndexFrom = 3;

class Preparer {
 public:
  Preparer(std::shared_ptr<const ColumnLeaves> leaves, const ColumnSource& source, const Limits& limits)
      : p_(std::make_unique<PreparedColumns>()), source_(source) {
    p_->leaves = std::move(leaves);
    p_->source = &source;
    p_->limits = limits;
    p_->forms.resize(p_->leaves->leaves.size());
  }

  std::unique_ptr<const PreparedColumns> run() {
    std::vector<bool> used(p_->forms.size());
    for (const ConditionTree& tree : p_->leaves->trees)
      for (const std::uint32_t leaf : tree.leaves) used[leaf] = true;
    std::map<FieldRef, std::vector<std::uint32_t>> by_field;
    for (std::uint32_t id = 0; id < used.size(); ++id) {
      const Leaf& leaf = p_->leaves->leaves[id];
      if (!used[id]) continue;
      p_->forms[id].cost = dear_cost(p_->limits);
      if (leaf.whole) continue;  // by row
      if (leaf.fields.empty())
        constant(id);
      else if (leaf.fields.size() == 1)
        by_field[leaf.fields[0]].push_back(id);
      else
        tuple(id);
    }
    for (const auto& [field, ids] : by_field) single(field, ids);
    for (const ConditionTree& tree : p_->leaves->trees) p_->by_row.push_back(may_pass_limit(tree));
    return std::move(p_);
  }

 private:
  bool may_pass_limit(const ConditionTree& tree) const {
    std::uint64_t cost = tree.nodes.size();
    for (const std::uint32_t leaf : tree.leaves) cost += p_->forms[leaf].cost;
    return cost > p_->limits.cost_max;
  }

  void constant(std::uint32_t id) {
    LeafRunner runner(*p_->leaves, p_->leaves->leaves[id], p_->limits);
    const Verdict verdict = runner.by_values({});
    if (verdict == Verdict::kDear) return;  // by row
    p_->forms[id].kind = LeafForm::Kind::kConstant;
    p_->forms[id].constant = verdict;
    p_->forms[id].cost = runner.cost();
  }

  void tuple(std::uint32_t id) {
    unsigned bits = 0;
    for (const FieldRef& ref : p_->leaves->leaves[id].fields) {
      const auto [field, added] = p_->fields.try_emplace(ref);
      if (added) field->second = source_.field(ref.variable, ref.field);
      const unsigned more = code_bits(field->second);
      if (more == 0) return;  // by row
      bits += more;
    }
    if (bits <= 64) p_->forms[id].kind = LeafForm::Kind::kTuple;
  }

  void single(const FieldRef& ref, const std::vector<std::uint32_t>& ids) {
    const ColumnSource::Field field = source_.field(ref.variable, ref.field);
    if (field.column == nullptr && field.sets.empty()) return;  // by row
    std::vector<LeafTable> tables = tabulate(*p_->leaves, ids, source_, ref, field, p_->limits);
    if (field.column == nullptr) {
      for (std::size_t i = 0; i < ids.size(); ++i) of_sets(p_->forms[ids[i]], tables[i], field.sets);
      return;
    }
    const Column& column = *field.column;
    const bool bitmaps = column.indexed() && column.codes() <= kBitmapCodesMax;
    std::vector<Code> asked;
    std::vector<std::size_t> scanned;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (!bitmaps || tables[i].exceptions.size() > kBitmapsMax) {
        scanned.push_back(i);
        continue;
      }
      for (const auto& [code, verdict] : tables[i].exceptions) asked.push_back(code);
    }
    std::ranges::sort(asked);
    asked.erase(std::ranges::unique(asked).begin(), asked.end());
    if (asked.size() >= kIndexFrom) column.index();
    std::vector<const std::uint64_t*> words(asked.empty() ? 0 : asked.back() + 1, nullptr);
    for (const Code code : asked)
      if (const Bitmap& rows = column.where(code); !rows.none()) words[code] = rows.words().data();
    const std::uint64_t* const unknown = column.unknown().none() ? nullptr : column.unknown().words().data();
    for (std::size_t i = 0; i < ids.size(); ++i)
      if (bitmaps && tables[i].exceptions.size() <= kBitmapsMax)
        of_column(p_->forms[ids[i]], tables[i], words, unknown);
    if (!scanned.empty()) scan(column, tables, ids, scanned);
  }

  // Rows by verdict, where those of `usual` are all that are left.
  struct ByVerdict {
    std::vector<const std::uint64_t*> of[4];
    void add(Verdict verdict, const std::uint64_t* words) {
      if (words != nullptr) of[static_cast<std::size_t>(verdict)].push_back(words);
    }
    std::vector<const std::uint64_t*>& operator[](Verdict verdict) { return of[static_cast<std::size_t>(verdict)]; }
  };

  void of_column(LeafForm& form, const LeafTable& table, const std::vector<const std::uint64_t*>& words,
                 const std::uint64_t* unknown) {
    ByVerdict rows;
    for (const auto& [code, verdict] : table.exceptions) rows.add(verdict, words[code]);
    if (table.of_unknown != table.usual) rows.add(table.of_unknown, unknown);
    shape(form, table, rows);
  }

  void of_sets(LeafForm& form, const LeafTable& table, const std::vector<ColumnSource::Set>& sets) {
    if (sets[0].rows == nullptr) {  // one value for all
      const Verdict verdict = table.exceptions.empty() ? table.usual : table.exceptions[0].second;
      if (verdict == Verdict::kDear) return;  // by row
      form.kind = LeafForm::Kind::kConstant;
      form.constant = verdict;
      form.cost = table.cost;
      return;
    }
    ByVerdict rows;
    for (const auto& [code, verdict] : table.exceptions) rows.add(verdict, sets[code].rows->words().data());
    shape(form, table, rows);
  }

  void shape(LeafForm& form, const LeafTable& table, ByVerdict& rows) {
    form.kind = LeafForm::Kind::kUnions;
    form.cost = table.cost;
    form.dear = rows[Verdict::kDear];
    form.t.sets = rows[Verdict::kTrue];
    form.q.sets = rows[Verdict::kUnknown];
    if (table.usual == Verdict::kTrue) {
      form.t = others(rows[Verdict::kFalse], rows[Verdict::kUnknown], rows[Verdict::kDear]);
    } else if (table.usual == Verdict::kUnknown) {
      form.q = others(rows[Verdict::kTrue], rows[Verdict::kFalse], rows[Verdict::kDear]);
    }
    if (!form.q.inverted && form.q.sets.size() > 1) form.q.sets = {united(form.q.sets)};
  }

  static RowUnion others(const std::vector<const std::uint64_t*>& a, const std::vector<const std::uint64_t*>& b,
                         const std::vector<const std::uint64_t*>& c) {
    RowUnion made{a, true};
    made.sets.insert(made.sets.end(), b.begin(), b.end());
    made.sets.insert(made.sets.end(), c.begin(), c.end());
    return made;
  }

  // Most leaves over a column are unknown in the same rows: united once.
  const std::uint64_t* united(const std::vector<const std::uint64_t*>& sets) {
    const std::uint64_t*& made = united_[sets];
    if (made != nullptr) return made;
    auto rows = std::make_unique<Bitmap>(source_.rows());
    const auto words = rows->words();
    for (const std::uint64_t* set : sets)
      for (std::size_t w = 0; w < words.size(); ++w) words[w] |= set[w];
    made = words.data();
    p_->owned.push_back(std::move(rows));
    return made;
  }

  void scan(const Column& column, const std::vector<LeafTable>& tables, const std::vector<std::uint32_t>& ids,
            const std::vector<std::size_t>& scanned) {
    ColumnScan made;
    made.column = &column;
    made.offsets.resize(column.codes() + std::size_t{1});
    for (const std::size_t i : scanned) {
      LeafForm& form = p_->forms[ids[i]];
      form.kind = LeafForm::Kind::kScan;
      form.cost = tables[i].cost;
      form.scan = static_cast<std::uint32_t>(p_->scans.size());
      form.slot = static_cast<std::uint32_t>(made.usual.size());
      made.usual.push_back(tables[i].usual);
      made.of_unknown.push_back(tables[i].of_unknown);
      for (const auto& [code, verdict] : tables[i].exceptions) ++made.offsets[code + 1];
    }
    for (std::size_t code = 1; code < made.offsets.size(); ++code) made.offsets[code] += made.offsets[code - 1];
    made.exceptions.resize(made.offsets.back());
    std::vector<std::uint32_t> next(made.offsets.begin(), made.offsets.end() - 1);
    for (const std::size_t i : scanned)
      for (const auto& [code, verdict] : tables[i].exceptions)
        made.exceptions[next[code]++] = {p_->forms[ids[i]].slot, verdict};
    p_->scans.push_back(std::move(made));
  }

  std::unique_ptr<PreparedColumns> p_;
  const ColumnSource& source_;
  std::map<std::vector<const std::uint64_t*>, const std::uint64_t*> united_;
};

}  // namespace

unsigned code_bits(const ColumnSource::Field& field) {
  // One code more than the column has: its unknown rows.
  const std::size_t codes = field.column != nullptr ? std::size_t{field.column->codes()} + 1 : field.sets.size();
  return codes == 0 ? 0 : std::max(1U, static_cast<unsigned>(std::bit_width(codes - 1)));
}

std::unique_ptr<const PreparedColumns> prepare_columns(std::shared_ptr<const ColumnLeaves> leaves,
                                                       const ColumnSource& source, const Limits& limits) {
  return Preparer(std::move(leaves), source, limits).run();
}

}  // namespace tenure::cel
