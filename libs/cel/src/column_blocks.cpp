#include "column_blocks.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tenure::cel {
namespace {

using population::Bitmap;
using population::Column;

constexpr std::uint64_t kAll = ~std::uint64_t{0};

std::uint64_t bit(std::size_t row) {
  return std::uint64_t{1} << (row % Bitmap::kWordBits);
}

void put(std::uint64_t* t, std::uint64_t* q, std::uint64_t* dear, std::size_t word, std::uint64_t bits,
         Verdict verdict) {
  t[word] = verdict == Verdict::kTrue ? t[word] | bits : t[word] & ~bits;
  q[word] = verdict == Verdict::kUnknown ? q[word] | bits : q[word] & ~bits;
  dear[word] = verdict == Verdict::kDear ? dear[word] | bits : dear[word] & ~bits;
}

template <class Visit>
void for_each_bit(const std::uint64_t* words, std::size_t count, const Visit& visit) {
  for (std::size_t w = 0; w < count; ++w)
    for (std::uint64_t word = words[w]; word != 0; word &= word - 1)
      visit(w * Bitmap::kWordBits + static_cast<std::size_t>(std::countr_zero(word)));
}

}  // namespace

// The code of one field in any row, for combinations.
struct ColumnBlocks::FieldReader {
  const FieldRef* ref;
  const ColumnSource::Field* field;
  unsigned bits;

  std::uint64_t code(std::size_t row) const {
    if (field->column != nullptr)
      return field->column->unknown(row) ? field->column->codes() : field->column->code(row);
    for (std::size_t i = 0; i < field->sets.size(); ++i)
      if (field->sets[i].rows == nullptr || field->sets[i].rows->test(row)) return i;
    return field->sets.size() - 1;
  }
  Value value(const ColumnSource& source, std::uint64_t code) const {
    if (field->column == nullptr) return field->sets[code].value;
    if (code == field->column->codes()) return Value::unknown();
    return source.value_of(ref->variable, ref->field, static_cast<Column::Code>(code));
  }
};

ColumnBlocks::ColumnBlocks(const PreparedColumns& prepared, const WordKernels& kernels)
    : p_(prepared),
      k_(kernels),
      leaves_(prepared.forms.size()),
      scans_(prepared.scans.size()),
      zeros_(std::make_unique<std::uint64_t[]>(kWords)),
      ones_(std::make_unique_for_overwrite<std::uint64_t[]>(kWords)),
      mask_(std::make_unique_for_overwrite<std::uint64_t[]>(kWords)),
      dear_(std::make_unique_for_overwrite<std::uint64_t[]>(kWords)) {
  std::fill_n(ones_.get(), kWords, kAll);
}

void ColumnBlocks::begin(std::size_t block) {
  block_ = block;
  first_word_ = block * kWords;
  const std::size_t rows = p_.source->rows() - first_word_ * Bitmap::kWordBits;
  words_ = std::min(kWords, (rows + Bitmap::kWordBits - 1) / Bitmap::kWordBits);
  const Bitmap* present = p_.source->present();
  if (present != nullptr)
    std::copy_n(present->words().data() + first_word_, words_, mask_.get());
  else
    std::fill_n(mask_.get(), words_, kAll);
  if (rows < words_ * Bitmap::kWordBits) mask_[words_ - 1] &= bit(rows) - 1;
}

std::uint64_t* ColumnBlocks::own(LeafState& state) const {
  if (state.own == nullptr) state.own = std::make_unique_for_overwrite<std::uint64_t[]>(3 * kWords);
  return state.own.get();
}

const ColumnBlocks::LeafState& ColumnBlocks::leaf(std::uint32_t id) {
  LeafState& state = leaves_[id];
  if (state.block == block_) return state;
  state.block = block_;
  const LeafForm& form = p_.forms[id];
  switch (form.kind) {
    case LeafForm::Kind::kConstant:
      state.view = {form.constant == Verdict::kTrue ? ones_.get() : zeros_.get(),
                    form.constant == Verdict::kUnknown ? ones_.get() : zeros_.get()};
      break;
    case LeafForm::Kind::kUnions:
      unions(form, state);
      break;
    case LeafForm::Kind::kScan:
      scanned(form, state);
      break;
    case LeafForm::Kind::kTuple:
      tuples(id, state);
      break;
    case LeafForm::Kind::kRows:
      rows(id, state);
      break;
  }
  return state;
}

const std::uint64_t* ColumnBlocks::united(const RowUnion& rows, std::uint64_t* own) {
  if (rows.sets.empty()) return rows.inverted ? ones_.get() : zeros_.get();
  if (rows.sets.size() == 1 && !rows.inverted) return rows.sets[0] + first_word_;
  std::copy_n(rows.sets[0] + first_word_, words_, own);
  for (std::size_t i = 1; i < rows.sets.size(); ++i) k_.unite(own, rows.sets[i] + first_word_, words_);
  if (rows.inverted) k_.invert(own, words_);
  return own;
}

void ColumnBlocks::unions(const LeafForm& form, LeafState& state) {
  std::uint64_t* const words = own(state);
  state.view = {united(form.t, words), united(form.q, words + kWords)};
  if (!form.dear.empty()) state.dear = united({form.dear, false}, words + 2 * kWords);
}

// --- by code

template <class Codes>
void ColumnBlocks::scan(const ColumnScan& scan, const Codes& codes, ScanState& state) const {
  const std::size_t first = first_word_ * Bitmap::kWordBits,
                    count = std::min(words_ * Bitmap::kWordBits, p_.source->rows() - first);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t code = codes[first + i];
    for (std::uint32_t at = scan.offsets[code]; at < scan.offsets[code + 1]; ++at) {
      const ColumnScan::Exception& e = scan.exceptions[at];
      std::uint64_t* const words = state.words.get() + 3 * kWords * e.slot;
      put(words, words + kWords, words + 2 * kWords, i / Bitmap::kWordBits, bit(i), e.verdict);
      if (e.verdict == Verdict::kDear) state.dear[e.slot] = true;
    }
  }
}

void ColumnBlocks::run_scan(const ColumnScan& scan, ScanState& state) const {
  const std::size_t slots = scan.usual.size();
  if (state.words == nullptr) state.words = std::make_unique_for_overwrite<std::uint64_t[]>(slots * 3 * kWords);
  state.dear.assign(slots, false);
  for (std::size_t slot = 0; slot < slots; ++slot) {
    std::uint64_t* const words = state.words.get() + 3 * kWords * slot;
    std::fill_n(words, words_, scan.usual[slot] == Verdict::kTrue ? kAll : 0);
    std::fill_n(words + kWords, words_, scan.usual[slot] == Verdict::kUnknown ? kAll : 0);
    std::fill_n(words + 2 * kWords, words_, 0);
  }
  if (!scan.column->codes16().empty())
    this->scan(scan, scan.column->codes16(), state);
  else
    this->scan(scan, scan.column->codes32(), state);
  const std::uint64_t* const unknown = scan.column->unknown().words().data() + first_word_;
  for (std::size_t slot = 0; slot < slots; ++slot) {
    std::uint64_t* const words = state.words.get() + 3 * kWords * slot;
    for (std::size_t w = 0; w < words_; ++w)
      if (unknown[w] != 0) put(words, words + kWords, words + 2 * kWords, w, unknown[w], scan.of_unknown[slot]);
    if (scan.of_unknown[slot] == Verdict::kDear) state.dear[slot] = true;
  }
}

void ColumnBlocks::scanned(const LeafForm& form, LeafState& state) {
  ScanState& all = scans_[form.scan];
  if (all.block != block_) {
    all.block = block_;
    run_scan(p_.scans[form.scan], all);
  }
  const std::uint64_t* const words = all.words.get() + 3 * kWords * form.slot;
  state.view = {words, words + kWords};
  state.dear = all.dear[form.slot] ? words + 2 * kWords : nullptr;
}

// --- by row

template <class OfRow>
void ColumnBlocks::row_by_row(LeafState& state, const OfRow& of_row) {
  std::uint64_t *const t = own(state), *const q = t + kWords, *const dear = q + kWords;
  std::fill_n(t, 3 * kWords, 0);
  bool any = false;
  for_each_bit(mask_.get(), words_, [&](std::size_t i) {
    const Verdict verdict = of_row(first_word_ * Bitmap::kWordBits + i);
    put(t, q, dear, i / Bitmap::kWordBits, bit(i), verdict);
    any = any || verdict == Verdict::kDear;
  });
  state.view = {t, q};
  state.dear = any ? dear : nullptr;
}

Verdict ColumnBlocks::of_tuple(const Leaf& leaf, const std::vector<FieldReader>& readers, std::size_t row,
                               LeafState& state) {
  constexpr std::size_t kKnownMax = std::size_t{1} << 20;
  std::uint64_t key = 0;
  for (const FieldReader& reader : readers) key = (reader.bits < 64 ? key << reader.bits : 0) | reader.code(row);
  if (state.known.size() >= kKnownMax) state.known.clear();
  const auto [found, added] = state.known.try_emplace(key, Verdict::kUnknown);
  if (added) {
    if (!state.runner) state.runner.emplace(*p_.leaves, leaf, p_.limits);
    std::vector<Value> values;
    for (const FieldReader& reader : readers) values.push_back(reader.value(*p_.source, reader.code(row)));
    found->second = state.runner->by_values(values);
  }
  return found->second;
}

void ColumnBlocks::tuples(std::uint32_t id, LeafState& state) {
  const Leaf& leaf = p_.leaves->leaves[id];
  std::vector<FieldReader> readers;
  for (const FieldRef& ref : leaf.fields) {
    const ColumnSource::Field& field = p_.fields.at(ref);
    readers.push_back({&ref, &field, code_bits(field)});
  }
  row_by_row(state, [&](std::size_t row) { return of_tuple(leaf, readers, row, state); });
}

void ColumnBlocks::rows(std::uint32_t id, LeafState& state) {
  if (!state.runner) state.runner.emplace(*p_.leaves, p_.leaves->leaves[id], p_.limits);
  row_by_row(state, [&](std::size_t row) { return state.runner->by_row(*p_.source, row, false); });
}

// --- conditions

WordPair ColumnBlocks::level(std::size_t depth) {
  while (levels_.size() <= depth) levels_.push_back(std::make_unique_for_overwrite<std::uint64_t[]>(2 * kWords));
  return {levels_[depth].get(), levels_[depth].get() + kWords};
}

// Its words are of a leaf or in level(depth); higher levels may be overwritten.
WordView ColumnBlocks::node(const ConditionTree& tree, std::uint32_t id, std::size_t depth) {
  const ConditionTree::Node& n = tree.nodes[id];
  if (n.kind == ConditionTree::Node::Kind::kLeaf) return leaf(n.leaf).view;
  WordView first = node(tree, n.args[0], depth);
  const WordPair out = level(depth);
  if (n.kind == ConditionTree::Node::Kind::kNot) {
    k_.negated(out, first, words_);
    return out;
  }
  if (n.kind == ConditionTree::Node::Kind::kConditional) {
    const WordView yes = node(tree, n.args[1], depth + 1), no = node(tree, n.args[2], depth + 2);
    k_.chosen(out, first, yes, no, words_);
    return out;
  }
  const auto combine = n.kind == ConditionTree::Node::Kind::kAnd ? k_.both : k_.either;
  for (std::size_t i = 1; i < n.args.size(); ++i) {
    combine(out, first, node(tree, n.args[i], depth + 1), words_);
    first = out;
  }
  return out;
}

bool ColumnBlocks::dear(const ConditionTree& tree) {
  bool any = false;
  for (const std::uint32_t id : tree.leaves) {
    const std::uint64_t* const more = leaf(id).dear;
    if (more == nullptr) continue;
    if (!any) std::fill_n(dear_.get(), kWords, 0);
    any = true;
    k_.unite(dear_.get(), more, words_);
  }
  return any;
}

void ColumnBlocks::by_row(std::size_t condition, const std::uint64_t* which, WordPair out) {
  const Leaf& whole = p_.leaves->leaves[p_.leaves->trees[condition].whole];
  LeafRunner runner(*p_.leaves, whole, p_.limits);
  for_each_bit(which, words_, [&](std::size_t i) {
    const Verdict verdict = runner.by_row(*p_.source, first_word_ * Bitmap::kWordBits + i, true);
    const std::size_t w = i / Bitmap::kWordBits;
    out.t[w] = verdict == Verdict::kTrue ? out.t[w] | bit(i) : out.t[w] & ~bit(i);
    out.q[w] = verdict == Verdict::kUnknown ? out.q[w] | bit(i) : out.q[w] & ~bit(i);
  });
}

bool ColumnBlocks::verdicts(std::size_t condition, WordPair out) {
  const ConditionTree& tree = p_.leaves->trees[condition];
  if (p_.by_row[condition]) {
    std::fill_n(out.t, words_, 0);
    std::fill_n(out.q, words_, 0);
    by_row(condition, mask_.get(), out);
  } else {
    const bool any = k_.finish(out, node(tree, tree.root, 0), mask_.get(), words_);
    if (!dear(tree)) return any;
    for (std::size_t w = 0; w < words_; ++w) dear_[w] &= mask_[w];
    by_row(condition, dear_.get(), out);
  }
  const auto set = [](std::uint64_t word) { return word != 0; };
  return std::any_of(out.t, out.t + words_, set) || std::any_of(out.q, out.q + words_, set);
}

}  // namespace tenure::cel
