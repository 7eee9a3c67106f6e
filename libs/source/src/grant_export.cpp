#include <algorithm>
#include <array>
#include <optional>

#include <tenure/source/grant_export.hpp>

namespace tenure::source {
namespace {

using population::AccountIndex;
using population::Dictionary;
using population::EntitlementIndex;
using population::Pair;

constexpr std::size_t kPiecesPerWorker = 4;
// Marks the number of a name within what is new in its piece.
constexpr std::uint32_t kNewHere = std::uint32_t{1} << 31;

// The names of one kind in one piece of the text.
struct Names {
  Dictionary fresh;                     // not known before, in the order of the text
  std::vector<Dictionary::Code> codes;  // their codes, once all pieces are read

  std::uint32_t numbered(Dictionary::Code code, std::string_view text) {
    return code != Dictionary::kNone ? code : fresh.intern(text) | kNewHere;
  }
  std::uint32_t resolved(std::uint32_t number) const {
    return (number & kNewHere) == 0 ? number : codes[number & ~kNewHere];
  }
};

struct Piece {
  std::vector<Pair> pairs;
  Names accounts, entitlements;
  std::optional<std::uint32_t> blank_line;         // the first without account or entitlement
  std::vector<std::uint64_t> places;               // by entitlement: how many, then where the next one goes
  std::vector<std::string_view> texts_a, texts_e;  // of the batch
  std::vector<Dictionary::Code> codes_a, codes_e;

  void take(const csv::Rows& rows, std::size_t account, std::size_t entitlement, const Dictionary& known_accounts,
            const Dictionary& known_entitlements) {
    const std::size_t count = rows.size();
    texts_a.resize(count);
    texts_e.resize(count);
    codes_a.resize(count);
    codes_e.resize(count);
    for (std::size_t r = 0; r < count; ++r) {
      texts_a[r] = rows.field(r, account);
      texts_e[r] = rows.field(r, entitlement);
      if ((texts_a[r].empty() || texts_e[r].empty()) && !blank_line) blank_line = rows.line(r);
    }
    known_accounts.find(texts_a, codes_a);
    known_entitlements.find(texts_e, codes_e);
    for (std::size_t r = 0; r < count; ++r) {
      const Pair pair{entitlements.numbered(codes_e[r], texts_e[r]), accounts.numbered(codes_a[r], texts_a[r])};
      pairs.push_back(pair);
    }
  }
};

std::size_t number_fresh(Dictionary& known, std::vector<Piece>& pieces, Names Piece::* names) {
  const std::size_t before = known.size();
  for (Piece& piece : pieces) {
    Names& here = piece.*names;
    for (Dictionary::Code code = 0; code < here.fresh.size(); ++code)
      here.codes.push_back(known.intern(here.fresh.text(code)));
  }
  return known.size() - before;
}

constexpr unsigned kDigitBits = 11;
constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;

void radix_pass(std::span<const AccountIndex> from, std::span<AccountIndex> to, unsigned shift) {
  std::array<std::uint32_t, kDigits> places{};
  for (const AccountIndex value : from) ++places[value >> shift & (kDigits - 1)];
  std::uint32_t next = 0;
  for (std::uint32_t& place : places) next += std::exchange(place, next);
  for (const AccountIndex value : from) to[places[value >> shift & (kDigits - 1)]++] = value;
}

// REQUIRES: every value < bound.
void sort_accounts(std::span<AccountIndex> values, std::size_t bound, std::vector<AccountIndex>& room) {
  constexpr std::size_t kFew = 256;
  if (values.size() < kFew) return std::sort(values.begin(), values.end());
  if (room.size() < values.size()) room.resize(values.size());
  std::span<AccountIndex> from = values, to = std::span(room).first(values.size());
  for (unsigned shift = 0; shift < 32 && bound >> shift != 0; shift += kDigitBits) {
    radix_pass(from, to, shift);
    std::swap(from, to);
  }
  if (from.data() != values.data()) std::copy(from.begin(), from.end(), values.begin());
}

class Sorter {
 public:
  Sorter(std::vector<Piece>& pieces, std::size_t accounts, std::size_t entitlements, Workers& workers)
      : pieces_(pieces), accounts_(accounts), entitlements_(entitlements), workers_(workers) {}

  population::Holders run() {
    workers_.run(pieces_.size(), [&](std::size_t i) { resolve(pieces_[i]); });
    place();
    out_.resize(offsets_.back());
    workers_.run(pieces_.size(), [&](std::size_t i) { scatter(pieces_[i]); });
    kept_.resize(entitlements_);
    // Pieces of the same number of grants, not of entitlements.
    const std::size_t parts = workers_.count() * kPiecesPerWorker;
    workers_.run(parts, [&](std::size_t i) { sort_part(i, parts); });
    close_gaps();
    return population::Holders::sorted(std::move(offsets_), std::move(out_));
  }

 private:
  void resolve(Piece& piece) const {
    piece.places.assign(entitlements_, 0);
    const bool fresh = piece.accounts.fresh.size() + piece.entitlements.fresh.size() > 0;
    for (Pair& pair : piece.pairs) {
      if (fresh) pair = {piece.entitlements.resolved(pair.entitlement), piece.accounts.resolved(pair.account)};
      ++piece.places[pair.entitlement];
    }
  }
  void place() {
    offsets_.assign(1, 0);
    offsets_.reserve(entitlements_ + 1);
    std::uint64_t next = 0;
    for (std::size_t e = 0; e < entitlements_; ++e) {
      for (Piece& piece : pieces_) next += std::exchange(piece.places[e], next);
      offsets_.push_back(next);
    }
  }
  void scatter(Piece& piece) {
    for (const Pair& pair : piece.pairs) out_[piece.places[pair.entitlement]++] = pair.account;
    piece.pairs = {};
  }
  void sort_part(std::size_t part, std::size_t parts) {
    const auto begins_at = [&](std::size_t i) {
      const std::uint64_t wanted = offsets_.back() / parts * i;
      return i == parts ? entitlements_
                        : static_cast<std::size_t>(std::lower_bound(offsets_.begin(), offsets_.end() - 1, wanted) -
                                                   offsets_.begin());
    };
    std::vector<AccountIndex> room;
    const std::size_t end = begins_at(part + 1);
    for (std::size_t e = begins_at(part); e < end; ++e) {
      const std::span<AccountIndex> all = std::span(out_).subspan(offsets_[e], offsets_[e + 1] - offsets_[e]);
      sort_accounts(all, accounts_, room);
      kept_[e] = static_cast<std::uint64_t>(std::unique(all.begin(), all.end()) - all.begin());
    }
  }
  void close_gaps() {
    std::uint64_t next = 0;
    for (std::size_t e = 0; e < entitlements_; ++e) {
      const std::uint64_t from = offsets_[e];
      if (from != next)
        std::copy_n(out_.begin() + static_cast<std::ptrdiff_t>(from), kept_[e],
                    out_.begin() + static_cast<std::ptrdiff_t>(next));
      offsets_[e] = next;
      next += kept_[e];
    }
    offsets_[entitlements_] = next;
    out_.resize(next);
  }

  std::vector<Piece>& pieces_;
  const std::size_t accounts_, entitlements_;
  Workers& workers_;
  std::vector<std::uint64_t> offsets_, kept_;
  std::vector<AccountIndex> out_;
};

std::unexpected<Error> refused(const csv::Fault& fault) {
  const bool partial = fault.kind == csv::FaultKind::kEmpty || fault.kind == csv::FaultKind::kTruncated;
  return fail(partial ? Reason::kTargetPartial : Reason::kTargetProtocol,
              fault.place.to_string() + ": " + fault.what + "; expected: " + fault.expected);
}

}  // namespace

Result<GrantReading> read_grants(const csv::Reader& reader, const std::string& file, const GrantColumns& columns,
                                 Dictionary& accounts, Dictionary& entitlements, Workers& workers) {
  const int account = reader.column(columns.account), entitlement = reader.column(columns.entitlement);
  const bool bound = account >= 0 && entitlement >= 0;
  std::vector<Piece> pieces(workers.count() == 1 ? 1 : workers.count() * kPiecesPerWorker);
  const csv::Summary summary = reader.read(workers, pieces.size(), [&](std::size_t piece, const csv::Rows& rows) {
    if (bound)
      pieces[piece].take(rows, static_cast<std::size_t>(account), static_cast<std::size_t>(entitlement), accounts,
                         entitlements);
  });
  if (!summary.faults.empty()) return refused(summary.faults.front());
  if (!bound)
    return fail(Reason::kTargetProtocol,
                file + ":1:1: the column " + (account < 0 ? columns.account : columns.entitlement) + " is missing");
  // Its last field may have lost its tail.
  if (summary.open_ended)
    return fail(Reason::kTargetPartial, summary.end.to_string() + ": the file ends without a line end");
  if (summary.records == 0) return fail(Reason::kTargetPartial, file + " has no record", Effect::kNone, Retry::kLater);
  for (const Piece& piece : pieces)
    if (piece.blank_line)
      return fail(Reason::kTargetProtocol,
                  file + ":" + std::to_string(*piece.blank_line) + ": a record without account or entitlement");
  GrantReading out;
  out.lines = summary.records;
  out.new_accounts = number_fresh(accounts, pieces, &Piece::accounts);
  out.new_entitlements = number_fresh(entitlements, pieces, &Piece::entitlements);
  out.holders = Sorter(pieces, accounts.size(), entitlements.size(), workers).run();
  return out;
}

}  // namespace tenure::source
