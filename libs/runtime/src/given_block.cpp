#include "block_text.hpp"

#include <algorithm>
#include <tuple>

#include <tenure/runtime/blocks.hpp>

namespace tenure::runtime {
namespace {

// A term without end, as a number that canonical JSON allows.
constexpr std::int64_t kNever = -1;

std::int64_t instant(Time time) {
  return time == Time::never() ? kNever : time.to_micros();
}
Time instant(std::int64_t number) {
  return number == kNever ? Time::never() : Time::from_micros(number);
}

class Encoder {
 public:
  std::string encode(std::span<const model::Decision> decisions) {
    parameters_.of("");
    out_ = "{\"accounts\":[";
    for (std::size_t i = 0; i < decisions.size();) {
      if (i > 0) out_ += ',';
      out_ += '[';
      json::append_quoted(out_, decisions[i].account.id.str());
      out_ += ",[";
      const std::size_t first = i;
      for (; i < decisions.size() && decisions[i].account == decisions[first].account; ++i) {
        if (i > first) out_ += ',';
        add(decisions[i]);
      }
      out_ += "]]";
    }
    out_ += "],\"entitlements\":";
    entitlements_.write(out_);
    out_ += ",\"parameters\":";
    parameters_.write(out_);
    out_ += ",\"records\":[" + records_text_ + "]}";
    return std::move(out_);
  }

 private:
  using Record = std::tuple<std::string, std::string, std::string, std::string, std::string, Time, Time>;

  void add(const model::Decision& decision) {
    append_number(out_, entitlements_.of(decision.entitlement.str()));
    out_ += ',';
    append_number(out_, parameters_.of(decision.parameters));
    out_ += ',';
    append_number(out_, record_of(decision));
  }

  std::uint32_t record_of(const model::Decision& decision) {
    const auto [it, fresh] =
        records_.try_emplace(Record(decision.owner, decision.actor, decision.reason, decision.ticket,
                                    decision.second_person, decision.since, decision.until),
                             static_cast<std::uint32_t>(records_.size()));
    if (!fresh) return it->second;
    records_text_ += records_text_.empty() ? "[" : ",[";
    for (const std::string* text :
         {&decision.owner, &decision.actor, &decision.reason, &decision.ticket, &decision.second_person}) {
      json::append_quoted(records_text_, *text);
      records_text_ += ',';
    }
    append_number(records_text_, instant(decision.since));
    records_text_ += ',';
    append_number(records_text_, instant(decision.until));
    records_text_ += ']';
    return it->second;
  }

  std::string out_, records_text_;
  TextNumbers entitlements_, parameters_;
  std::map<Record, std::uint32_t> records_;
};

void read_account(json::Scanner& scan, GivenBlock& block) {
  GivenBlock::Account& account = block.accounts.emplace_back();
  scan.open('[');
  account.id.assign(scan.text());
  scan.next(']');
  for (bool more = scan.open('['); more; more = scan.next(']')) {
    GivenBlock::Right right;
    right.entitlement = read_number(scan);
    scan.next(']');
    right.parameters = read_number(scan);
    scan.next(']');
    right.record = read_number(scan);
    block.rights.push_back(right);
  }
  scan.next(']');
  account.rights_end = static_cast<std::uint32_t>(block.rights.size());
}

void read_record(json::Scanner& scan, GivenBlock& block) {
  model::Decision& record = block.records.emplace_back();
  record.kind = model::DecisionKind::kGranted;
  scan.open('[');
  for (std::string* text : {&record.owner, &record.actor, &record.reason, &record.ticket, &record.second_person}) {
    text->assign(scan.text());
    scan.next(']');
  }
  record.since = instant(scan.integer());
  scan.next(']');
  record.until = instant(scan.integer());
  scan.next(']');
}

bool in_range(const GivenBlock& block) {
  return std::all_of(block.rights.begin(), block.rights.end(), [&](const auto& right) {
    return right.entitlement < block.entitlements.size() && right.parameters < block.parameters.size() &&
           right.record < block.records.size();
  });
}

}  // namespace

std::string encode_given(std::span<const model::Decision> decisions) {
  return Encoder().encode(decisions);
}

Status decode_given(std::string_view body, GivenBlock& block) {
  block.records.clear();
  const bool whole = read_block(body, block, [&](json::Scanner& scan, std::string_view key) {
    if (key == "accounts") return read_each(scan, [&] { read_account(scan, block); });
    if (key == "records") return read_each(scan, [&] { read_record(scan, block); });
    return false;
  });
  if (!whole || !in_range(block)) return fail(Reason::kStoreCorrupt, "a block of remembered grants is damaged");
  return {};
}

std::vector<model::Decision> decisions_of(const GivenBlock& block, const model::TargetName& target) {
  std::vector<model::Decision> decisions;
  decisions.reserve(block.rights.size());
  std::uint32_t right = 0;
  for (const GivenBlock::Account& account : block.accounts)
    for (; right < account.rights_end; ++right) {
      model::Decision& decision = decisions.emplace_back(block.records[block.rights[right].record]);
      decision.account = {target, model::NativeId(account.id)};
      decision.entitlement = model::EntitlementId(block.entitlements[block.rights[right].entitlement]);
      decision.parameters = block.parameters[block.rights[right].parameters];
    }
  return decisions;
}

}  // namespace tenure::runtime
