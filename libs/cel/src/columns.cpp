#include "column_blocks.hpp"
#include "column_forms.hpp"

#include <utility>

#include <tenure/cel/columns.hpp>

namespace tenure::cel {

ColumnRun::ColumnRun(std::unique_ptr<const PreparedColumns> prepared) : prepared_(std::move(prepared)) {}
ColumnRun::~ColumnRun() = default;
ColumnRun::ColumnRun(ColumnRun&&) noexcept = default;

std::size_t ColumnRun::rows() const {
  return prepared_->source->rows();
}
std::size_t ColumnRun::blocks() const {
  return (rows() + kBlockRows - 1) / kBlockRows;
}

void ColumnRun::evaluate(std::size_t begin, std::size_t end, std::span<ColumnVerdicts> out) const {
  ColumnBlocks blocks(*prepared_);
  for (std::size_t block = begin; block < end; ++block) {
    blocks.begin(block);
    for (std::size_t condition = 0; condition < out.size(); ++condition)
      blocks.verdicts(condition, {out[condition].truth.words().data() + blocks.first_word(),
                                  out[condition].unknown.words().data() + blocks.first_word()});
  }
}

void ColumnRun::visit(std::size_t begin, std::size_t end, const Visit& visit) const {
  ColumnBlocks blocks(*prepared_);
  std::vector<std::uint64_t> truth(kBlockWords), unknown(kBlockWords);
  for (std::size_t block = begin; block < end; ++block) {
    blocks.begin(block);
    for (std::size_t condition = 0; condition < prepared_->leaves->conditions.size(); ++condition)
      if (blocks.verdicts(condition, {truth.data(), unknown.data()}))
        visit(condition, blocks.first_word(), std::span(truth).first(blocks.words()),
              std::span(unknown).first(blocks.words()));
  }
}

ColumnBatch::ColumnBatch(std::vector<Program> conditions)
    : leaves_(std::make_shared<const ColumnLeaves>(std::move(conditions))) {}

std::size_t ColumnBatch::size() const {
  return leaves_->conditions.size();
}

ColumnRun ColumnBatch::over(const ColumnSource& source, const Limits& limits) const {
  return ColumnRun(prepare_columns(leaves_, source, limits));
}

void ColumnBatch::evaluate(const ColumnSource& source, std::vector<ColumnVerdicts>& out, Workers& workers,
                           const Limits& limits) const {
  out.resize(size());
  for (ColumnVerdicts& verdicts : out) {
    verdicts.truth.resize(source.rows());
    verdicts.unknown.resize(source.rows());
  }
  const ColumnRun run = over(source, limits);
  in_parts(workers, run.blocks(), 1, [&](std::size_t begin, std::size_t end) { run.evaluate(begin, end, out); });
}

ColumnVerdicts evaluate_columns(const Program& program, const ColumnSource& source, const Limits& limits) {
  std::vector<ColumnVerdicts> out;
  ColumnBatch({program}).evaluate(source, out, own_thread(), limits);
  return std::move(out.front());
}

}  // namespace tenure::cel
