// Any bytes as an export of grants: no crash; what is read is the set of its lines, whoever reads it; after a fault the
// dictionaries are as before.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include <tenure/source/grant_export.hpp>

namespace {

using tenure::population::Dictionary;

using Named = std::set<std::pair<std::string, std::string>>;

Named named(const tenure::population::Holders& holders, const Dictionary& accounts, const Dictionary& entitlements) {
  Named out;
  for (std::uint32_t e = 0; e < holders.entitlements(); ++e)
    for (const std::uint32_t account : holders[e]) out.emplace(entitlements.text(e), accounts.text(account));
  if (out.size() != holders.size()) std::abort();
  return out;
}

Named lines_of(const tenure::csv::Table& table, std::size_t account, std::size_t entitlement) {
  Named out;
  for (const auto& rows : table.batches)
    for (std::size_t r = 0; r < rows.size(); ++r) out.emplace(rows.field(r, entitlement), rows.field(r, account));
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = "a,e\n" + std::string(reinterpret_cast<const char*>(data), size);
  const tenure::csv::Reader reader(text, "fuzz.csv");
  Dictionary accounts, entitlements;
  accounts.intern("x");
  entitlements.intern("y");
  const auto reading =
      tenure::source::read_grants(reader, "fuzz.csv", {"a", "e"}, accounts, entitlements, tenure::own_thread());
  const auto table = tenure::csv::parse(text, "fuzz.csv");
  if (!reading) {
    if (accounts.size() != 1 || entitlements.size() != 1) std::abort();
    const Named lines = lines_of(table, 0, 1);
    bool blank = false;
    for (const auto& [entitlement, account] : lines) blank = blank || entitlement.empty() || account.empty();
    if (table.faults.empty() && !table.open_ended && table.records > 0 && !blank) std::abort();
    return 0;
  }
  if (reading->lines != table.records) std::abort();
  if (named(reading->holders, accounts, entitlements) != lines_of(table, 0, 1)) std::abort();
  return 0;
}
