// Blocks of rows, one after the other: leaves into words, words through && and || into verdicts. One thread each.
#pragma once

#include "column_forms.hpp"
#include "column_words.hpp"

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace tenure::cel {

class ColumnBlocks {
 public:
  explicit ColumnBlocks(const PreparedColumns& prepared, const WordKernels& kernels = word_kernels());

  void begin(std::size_t block);
  std::size_t first_word() const { return first_word_; }
  std::size_t words() const { return words_; }  // of the block; the last may have fewer
  // Writes words() words of each. Returns whether any bit is set.
  bool verdicts(std::size_t condition, WordPair out);

 private:
  static constexpr std::size_t kWords = ColumnRun::kBlockWords;
  using Words = std::unique_ptr<std::uint64_t[]>;

  struct LeafState {
    WordView view;
    const std::uint64_t* dear = nullptr;
    std::size_t block = static_cast<std::size_t>(-1);  // that view is of
    Words own;                                         // t, q and dear, when they had to be made
    std::optional<LeafRunner> runner;
    std::unordered_map<std::uint64_t, Verdict> known;  // of leaves by tuple
  };
  struct ScanState {
    std::size_t block = static_cast<std::size_t>(-1);
    Words words;  // t, q, dear of every slot
    std::vector<bool> dear;
  };
  struct FieldReader;

  const LeafState& leaf(std::uint32_t id);
  void unions(const LeafForm& form, LeafState& state);
  const std::uint64_t* united(const RowUnion& rows, std::uint64_t* own);
  void scanned(const LeafForm& form, LeafState& state);
  template <class Codes>
  void scan(const ColumnScan& scan, const Codes& codes, ScanState& state) const;
  void run_scan(const ColumnScan& scan, ScanState& state) const;
  void tuples(std::uint32_t id, LeafState& state);
  void rows(std::uint32_t id, LeafState& state);
  Verdict of_tuple(const Leaf& leaf, const std::vector<FieldReader>& readers, std::size_t row, LeafState& state);
  template <class OfRow>
  void row_by_row(LeafState& state, const OfRow& of_row);

  WordView node(const ConditionTree& tree, std::uint32_t id, std::size_t depth);
  WordPair level(std::size_t depth);
  void by_row(std::size_t condition, const std::uint64_t* which, WordPair out);
  // Rows that are dear in any leaf of the condition into dear_; false: none.
  bool dear(const ConditionTree& tree);
  std::uint64_t* own(LeafState& state) const;

  const PreparedColumns& p_;
  const WordKernels& k_;
  std::size_t block_ = 0, first_word_ = 0, words_ = 0;
  std::vector<LeafState> leaves_;
  std::vector<ScanState> scans_;
  std::vector<Words> levels_;
  Words zeros_, ones_;
  Words mask_;  // rows of the block that exist and are present
  Words dear_;
};

}  // namespace tenure::cel
