#include "line_rows.hpp"

#include <algorithm>
#include <bit>
#include <map>

#include <tenure/cel/columns.hpp>
#include <tenure/policy/columns.hpp>

namespace tenure::plan {
namespace {

using population::Bitmap;
using population::IdentityIndex;
using Words = std::span<const std::uint64_t>;

// A set, as it is decided: conditions that all must hold, among those for whom the line is meant.
struct Asked {
  std::vector<std::uint32_t> conditions;  // in the batch
  const Bitmap* meant = nullptr;          // of its kind, in its states
  friend auto operator<=>(const Asked&, const Asked&) = default;
};

// What one piece of the rows says of each set.
struct Piece {
  std::vector<std::vector<IdentityIndex>> truth, unknown;  // by set
  std::vector<IdentityIndex> rows;                         // scratch: of one set in one block
};

class LineScan {
 public:
  LineScan(const policy::PolicySet& policy, const population::People& people, const LinesAsked& asked)
      : policy_(policy), people_(people), source_(policy, people) {
    std::vector<cel::Program> programs;
    std::map<const policy::Expression*, std::uint32_t> numbers;
    std::map<Asked, std::uint32_t> sets;
    rows_.set_of.assign(policy.lines.size(), LineRows::kNone);
    for (const std::uint32_t number : asked.lines) {
      const policy::GrantLine& line = policy.lines[number];
      Asked one;
      one.meant = meant(line, asked);
      for (const policy::Expression* condition : line.conditions) {
        const auto [it, fresh] = numbers.try_emplace(condition, static_cast<std::uint32_t>(programs.size()));
        if (fresh) programs.push_back(*condition->program);
        one.conditions.push_back(it->second);
      }
      const auto [it, fresh] = sets.try_emplace(one, static_cast<std::uint32_t>(sets_.size()));
      rows_.set_of[number] = it->second;
      if (!fresh) continue;
      sets_.push_back(std::move(one));
      rows_.sets.push_back({{}, {}, reads_of(line)});
    }
    alone_.resize(programs.size());
    shared_.resize(programs.size());
    for (std::uint32_t set = 0; set < sets_.size(); ++set)
      for (const std::uint32_t condition : sets_[set].conditions)
        (sets_[set].conditions.size() == 1 ? alone_ : shared_)[condition].push_back(set);
    batch_ = std::make_unique<cel::ColumnBatch>(std::move(programs));
    run_ = std::make_unique<cel::ColumnRun>(batch_->over(source_));
  }

  LineRows scan(Workers& workers) {
    const std::size_t pieces = std::min<std::size_t>(run_->blocks(), workers.count());
    std::vector<Piece> made(pieces);
    workers.run(pieces, [&](std::size_t i) {
      made[i] = scan_blocks(run_->blocks() * i / pieces, run_->blocks() * (i + 1) / pieces);
    });
    in_parts(workers, sets_.size(), 16, [&](std::size_t begin, std::size_t end) {
      for (std::size_t set = begin; set < end; ++set)
        for (Piece& piece : made) {
          append(rows_.sets[set].truth, std::move(piece.truth[set]));
          append(rows_.sets[set].unknown, std::move(piece.unknown[set]));
        }
    });
    for (const RowSet& set : rows_.sets)
      if (!set.unknown.empty())
        for (const auto& name : set.reads) rows_.unknown_facts.try_emplace(name);
    std::vector<std::pair<const std::string, Bitmap>*> facts;
    for (auto& fact : rows_.unknown_facts) facts.push_back(&fact);
    workers.run(facts.size(), [&](std::size_t i) {
      const policy::UnknownFacts unknown(policy_, people_, facts[i]->first);
      facts[i]->second = Bitmap(people_.rows());
      for (std::size_t row = 0; row < people_.rows(); ++row)
        if (unknown.of(row)) facts[i]->second.set(row);
    });
    return std::move(rows_);
  }

 private:
  static constexpr std::size_t kWords = cel::ColumnRun::kBlockWords;

  static void append(std::vector<IdentityIndex>& to, std::vector<IdentityIndex>&& from) {
    if (to.empty())
      to = std::move(from);
    else
      to.insert(to.end(), from.begin(), from.end());
  }

  static std::vector<std::string> reads_of(const policy::GrantLine& line) {
    std::vector<std::string> reads;
    for (const policy::Expression* condition : line.conditions)
      for (const std::string& path : condition->program->references())
        if (path.starts_with("identity.")) reads.push_back(path.substr(std::string_view("identity.").size()));
    std::sort(reads.begin(), reads.end());
    reads.erase(std::unique(reads.begin(), reads.end()), reads.end());
    return reads;
  }

  const Bitmap* meant(const policy::GrantLine& line, const LinesAsked& asked) {
    std::vector<model::LifecycleState> states = line.states;
    std::sort(states.begin(), states.end());
    auto [it, fresh] = meant_.try_emplace({line.kind, std::move(states)});
    if (fresh) {
      it->second = Bitmap(asked.lives->somebody.size());
      for (const auto state : line.states) it->second |= asked.lives->in_state.at(static_cast<std::size_t>(state));
      it->second &= people_.of_kind(line.kind);
    }
    return &it->second;
  }

  // The words of conditions that stand beside others, for one block.
  struct Block {
    std::vector<std::uint64_t> truth, unknown;  // kWords for each condition
    std::vector<bool> there;                    // else false everywhere
  };

  Piece scan_blocks(std::size_t begin, std::size_t end) const {
    Piece piece{std::vector<std::vector<IdentityIndex>>(sets_.size()),
                std::vector<std::vector<IdentityIndex>>(sets_.size()),
                std::vector<IdentityIndex>(kWords * Bitmap::kWordBits)};
    Block block;
    block.truth.resize(shared_.size() * kWords);
    block.unknown.resize(shared_.size() * kWords);
    for (std::size_t b = begin; b < end; ++b) {
      block.there.assign(shared_.size(), false);
      run_->visit(b, b + 1, [&](std::size_t condition, std::size_t first, Words truth, Words unknown) {
        for (const std::uint32_t set : alone_[condition]) take(piece, set, first, truth, unknown);
        if (shared_[condition].empty()) return;
        block.there[condition] = true;
        std::copy(truth.begin(), truth.end(), block.truth.begin() + static_cast<std::ptrdiff_t>(condition * kWords));
        std::copy(unknown.begin(), unknown.end(),
                  block.unknown.begin() + static_cast<std::ptrdiff_t>(condition * kWords));
      });
      take_together(piece, b * kWords, block);
    }
    return piece;
  }

  void take_together(Piece& piece, std::size_t first, const Block& block) const {
    std::array<std::uint64_t, kWords> truth{}, unknown{};
    const std::size_t words = std::min(kWords, sets_.empty() ? 0 : sets_.front().meant->words().size() - first);
    for (std::uint32_t set = 0; set < sets_.size(); ++set) {
      const Asked& asked = sets_[set];
      if (asked.conditions.size() == 1) continue;
      if (!std::all_of(asked.conditions.begin(), asked.conditions.end(),
                       [&](std::uint32_t condition) { return block.there[condition]; }))
        continue;
      truth.fill(~std::uint64_t{0});
      unknown.fill(~std::uint64_t{0});  // true or unknown, until the end
      for (const std::uint32_t condition : asked.conditions)
        for (std::size_t w = 0; w < words; ++w) {
          const std::uint64_t is = block.truth[condition * kWords + w];
          truth[w] &= is;
          unknown[w] &= is | block.unknown[condition * kWords + w];
        }
      for (std::size_t w = 0; w < words; ++w) unknown[w] &= ~truth[w];
      take(piece, set, first, Words(truth).first(words), Words(unknown).first(words));
    }
  }

  void take(Piece& piece, std::uint32_t set, std::size_t first, Words truth, Words unknown) const {
    const Words meant = sets_[set].meant->words().subspan(first);
    const auto rows = [&](Words words, std::vector<IdentityIndex>& out) {
      std::size_t found = 0;
      for (std::size_t w = 0; w < words.size(); ++w)
        for (std::uint64_t left = words[w] & meant[w]; left != 0; left &= left - 1)
          piece.rows[found++] = static_cast<IdentityIndex>((first + w) * Bitmap::kWordBits +
                                                           static_cast<std::size_t>(std::countr_zero(left)));
      out.insert(out.end(), piece.rows.data(), piece.rows.data() + found);
    };
    rows(truth, piece.truth[set]);
    rows(unknown, piece.unknown[set]);
  }

  const policy::PolicySet& policy_;
  const population::People& people_;
  policy::IdentityColumns source_;
  std::vector<Asked> sets_;
  LineRows rows_;
  std::map<std::pair<model::IdentityKind, std::vector<model::LifecycleState>>, Bitmap> meant_;
  // By condition of the batch: sets that it decides alone, and together with others.
  std::vector<std::vector<std::uint32_t>> alone_, shared_;
  std::unique_ptr<cel::ColumnBatch> batch_;
  std::unique_ptr<cel::ColumnRun> run_;
};

}  // namespace

LineRows line_rows(const policy::PolicySet& policy, const population::Population& population, const LinesAsked& asked,
                   Workers& workers) {
  if (asked.lines.empty() || population.people().rows() == 0) {
    LineRows none;
    none.sets.resize(1);
    none.set_of.assign(policy.lines.size(), 0);
    return none;
  }
  return LineScan(policy, population.people(), asked).scan(workers);
}

}  // namespace tenure::plan
