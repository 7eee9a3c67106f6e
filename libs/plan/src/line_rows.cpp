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

// A line, as it is decided: conditions that all must hold, among those for whom it is meant.
struct Asked {
  std::uint32_t number = 0;
  std::vector<std::uint32_t> conditions;  // in the batch
  const Bitmap* meant = nullptr;          // of its kind, in its states
};

// What one piece of the rows says of each asked line.
struct Piece {
  std::vector<std::vector<IdentityIndex>> truth, unknown;  // by place among the asked lines
};

class LineScan {
 public:
  LineScan(const policy::PolicySet& policy, const population::People& people, const LinesAsked& asked)
      : policy_(policy), people_(people), source_(policy, people) {
    std::vector<cel::Program> programs;
    std::map<const policy::Expression*, std::uint32_t> numbers;
    for (const std::uint32_t number : asked.lines) {
      const policy::GrantLine& line = policy.lines[number];
      Asked& one = lines_.emplace_back();
      one.number = number;
      one.meant = meant(line, asked);
      for (const policy::Expression* condition : line.conditions) {
        const auto [it, fresh] = numbers.try_emplace(condition, static_cast<std::uint32_t>(programs.size()));
        if (fresh) programs.push_back(*condition->program);
        one.conditions.push_back(it->second);
      }
    }
    alone_.resize(programs.size());
    shared_.resize(programs.size());
    for (std::uint32_t place = 0; place < lines_.size(); ++place)
      for (const std::uint32_t condition : lines_[place].conditions)
        (lines_[place].conditions.size() == 1 ? alone_ : shared_)[condition].push_back(place);
    batch_ = std::make_unique<cel::ColumnBatch>(std::move(programs));
    run_ = std::make_unique<cel::ColumnRun>(batch_->over(source_));
  }

  std::vector<LineRows> scan(Workers& workers) {
    std::vector<LineRows> rows(policy_.lines.size());
    const std::size_t pieces = std::min<std::size_t>(run_->blocks(), workers.count());
    std::vector<Piece> made(pieces);
    workers.run(pieces, [&](std::size_t i) {
      made[i] = scan_blocks(run_->blocks() * i / pieces, run_->blocks() * (i + 1) / pieces);
    });
    in_parts(workers, lines_.size(), 16, [&](std::size_t begin, std::size_t end) {
      for (std::size_t place = begin; place < end; ++place) {
        LineRows& line = rows[lines_[place].number];
        for (Piece& piece : made) {
          append(line.truth, std::move(piece.truth[place]));
          append(line.unknown, std::move(piece.unknown[place]));
        }
        if (!line.unknown.empty()) say_why(policy_.lines[lines_[place].number], line);
      }
    });
    return rows;
  }

 private:
  static constexpr std::size_t kWords = cel::ColumnRun::kBlockWords;

  static void append(std::vector<IdentityIndex>& to, std::vector<IdentityIndex>&& from) {
    if (to.empty())
      to = std::move(from);
    else
      to.insert(to.end(), from.begin(), from.end());
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
    Piece piece{std::vector<std::vector<IdentityIndex>>(lines_.size()),
                std::vector<std::vector<IdentityIndex>>(lines_.size())};
    Block block;
    block.truth.resize(shared_.size() * kWords);
    block.unknown.resize(shared_.size() * kWords);
    for (std::size_t b = begin; b < end; ++b) {
      block.there.assign(shared_.size(), false);
      std::vector<std::uint32_t> touched;
      run_->visit(b, b + 1, [&](std::size_t condition, std::size_t first, Words truth, Words unknown) {
        for (const std::uint32_t place : alone_[condition]) take(piece, place, first, truth, unknown);
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
    const std::size_t words = std::min(kWords, lines_.empty() ? 0 : lines_.front().meant->words().size() - first);
    for (std::uint32_t place = 0; place < lines_.size(); ++place) {
      const Asked& line = lines_[place];
      if (line.conditions.size() == 1) continue;
      if (!std::all_of(line.conditions.begin(), line.conditions.end(),
                       [&](std::uint32_t condition) { return block.there[condition]; }))
        continue;
      truth.fill(~std::uint64_t{0});
      unknown.fill(~std::uint64_t{0});  // true or unknown, until the end
      for (const std::uint32_t condition : line.conditions)
        for (std::size_t w = 0; w < words; ++w) {
          const std::uint64_t is = block.truth[condition * kWords + w];
          truth[w] &= is;
          unknown[w] &= is | block.unknown[condition * kWords + w];
        }
      for (std::size_t w = 0; w < words; ++w) unknown[w] &= ~truth[w];
      take(piece, place, first, Words(truth).first(words), Words(unknown).first(words));
    }
  }

  void take(Piece& piece, std::uint32_t place, std::size_t first, Words truth, Words unknown) const {
    const Words meant = lines_[place].meant->words().subspan(first);
    const auto rows = [&](Words words, std::vector<IdentityIndex>& out) {
      for (std::size_t w = 0; w < words.size(); ++w)
        for (std::uint64_t left = words[w] & meant[w]; left != 0; left &= left - 1)
          out.push_back(static_cast<IdentityIndex>((first + w) * Bitmap::kWordBits +
                                                   static_cast<std::size_t>(std::countr_zero(left))));
    };
    rows(truth, piece.truth[place]);
    rows(unknown, piece.unknown[place]);
  }

  void say_why(const policy::GrantLine& line, LineRows& rows) const {
    for (const policy::Expression* condition : line.conditions)
      for (const std::string& path : condition->program->references())
        if (path.starts_with("identity.")) {
          std::string name = path.substr(std::string_view("identity.").size());
          if (std::find(rows.reads.begin(), rows.reads.end(), name) == rows.reads.end())
            rows.reads.push_back(std::move(name));
        }
    if (rows.reads.size() > LineRows::kReadsMax) rows.reads.resize(LineRows::kReadsMax);
    rows.because.assign(rows.unknown.size(), 0);
    for (std::size_t i = 0; i < rows.reads.size(); ++i) {
      const policy::UnknownFacts unknown(policy_, people_, rows.reads[i]);
      for (std::size_t place = 0; place < rows.unknown.size(); ++place)
        rows.because[place] |= std::uint64_t{unknown.of(rows.unknown[place])} << i;
    }
  }

  const policy::PolicySet& policy_;
  const population::People& people_;
  policy::IdentityColumns source_;
  std::vector<Asked> lines_;
  std::map<std::pair<model::IdentityKind, std::vector<model::LifecycleState>>, Bitmap> meant_;
  // By condition of the batch: places of lines that it decides alone, and together with others.
  std::vector<std::vector<std::uint32_t>> alone_, shared_;
  std::unique_ptr<cel::ColumnBatch> batch_;
  std::unique_ptr<cel::ColumnRun> run_;
};

}  // namespace

std::vector<LineRows> line_rows(const policy::PolicySet& policy, const population::Population& population,
                                const LinesAsked& asked, Workers& workers) {
  if (asked.lines.empty() || population.people().rows() == 0) return std::vector<LineRows>(policy.lines.size());
  return LineScan(policy, population.people(), asked).scan(workers);
}

}  // namespace tenure::plan
