#include "commands/all.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"

#include <tenure/app/evidence.hpp>
#include <tenure/base/text.hpp>

namespace tenure::cli {
namespace {

json::Object row_of(const app::RecordView& record) {
  json::Object row{{"sequence", record.sequence}, {"id", record.id},
                   {"type", record.type},         {"time", record.time},
                   {"case", record.case_id},      {"case_seq", record.case_seq},
                   {"mode", record.mode},         {"result", record.outcome},
                   {"actor", record.actor},       {"subject", record.subject},
                   {"target", record.target},     {"facts", record.facts},
                   {"opened", record.opened},     {"erased", texts(record.erased)}};
  row["leaf_index"] = record.leaf_index < 0 ? json::Value() : json::Value(record.leaf_index);
  row["sealed"] = record.leaf_index >= 0;
  return row;
}

std::string detail_of(const app::RecordView& record) {
  std::vector<std::pair<std::string, std::string>> pairs = {
      {"sequence", std::to_string(record.sequence)},
      {"leaf", record.leaf_index < 0 ? "not sealed yet" : std::to_string(record.leaf_index)},
      {"type", record.type},
      {"time", record.time},
      {"case", record.case_id + " #" + std::to_string(record.case_seq)},
      {"mode", record.mode},
      {"outcome", record.outcome},
      {"actor", record.actor},
      {"subject", record.subject},
      {"target", record.target}};
  for (const auto& [name, value] : record.facts) pairs.emplace_back("fact " + name, json::to_string(value));
  for (const auto& [name, value] : record.opened) pairs.emplace_back("field " + name, json::to_string(value));
  for (const auto& name : record.erased) pairs.emplace_back("field " + name, "erased");
  return "Record " + record.id + "\n" + aligned(pairs);
}

Result<Exit> show(const Call& call, app::Workspace& workspace) {
  app::RecordFilter filter{call.arguments.text("RECORD"), call.arguments.text("case"), call.arguments.text("type"),
                           call.arguments.text("identity")};
  TENURE_TRY(const auto last, number_argument(call, "last", 50));
  filter.last = static_cast<std::size_t>(last);
  TENURE_TRY(const auto records, app::show_records(workspace, filter));
  Document document{"evidence-list/v1"};
  document.list = true;
  document.columns = {{"SEQ", "sequence"},  {"TIME", "time"},     {"TYPE", "type"},
                      {"RESULT", "result"}, {"ACTOR", "actor"},   {"SUBJECT", "subject"},
                      {"TARGET", "target"}, {"SEALED", "sealed"}, {"ID", "id"}};
  for (const auto& record : records) document.items.push_back(row_of(record));
  if (call.output.people() && !filter.id.empty()) {
    document.list = false;
    for (const auto& record : records) document.text += detail_of(record);
  } else {
    document.after =
        count_of(static_cast<std::int64_t>(records.size()), "record") +
        (filter.last != 0 && records.size() == filter.last ? ", the newest of those that fit (--last 0 shows all)"
                                                           : "");
  }
  call.output.print(document);
  return Exit::kOk;
}

Result<Exit> verify(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto result, app::verify_evidence(workspace));
  const std::int64_t unsealed = result.records - result.sealed;
  const Exit exit = result.ok ? unless_empty(call, unsealed) : Exit::kBroken;
  Document document{"evidence-verify/v1",
                    {{"ok", result.ok},
                     {"records", result.records},
                     {"sealed", result.sealed},
                     {"cases", result.cases},
                     {"cases_open", result.cases_open},
                     {"origin", result.origin},
                     {"root", result.root},
                     {"faults", texts(result.faults)}}};
  document.text =
      result.ok ? call.output.green("The evidence verifies.") : call.output.red("The evidence does NOT verify.");
  document.text += "\n" + aligned({{"records", thousands(result.records)},
                                   {"sealed", thousands(result.sealed)},
                                   {"cases", thousands(result.cases) + ", " + thousands(result.cases_open) + " open"},
                                   {"log", result.origin},
                                   {"root", result.root}});
  for (const auto& fault : result.faults) document.text += "  ! " + printable(fault) + "\n";
  if (!result.ok)
    document.after = "Keep the folder as it is. Next: tenure explain " + reason_code(Reason::kEvidenceBroken);
  call.output.print(document, exit);
  return exit;
}

Result<Exit> seal(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto result, app::seal(workspace));
  Document document{"evidence-seal/v1",
                    {{"sealed", result.sealed}, {"size", result.size}, {"checkpoint", result.checkpoint}}};
  document.text = count_of(result.sealed, "record") + " sealed; the log has " + thousands(result.size) +
                  ". Checkpoint: " + result.checkpoint;
  call.output.print(document);
  return Exit::kOk;
}

}  // namespace

std::vector<CommandSpec> evidence_commands() {
  return {{"evidence show",
           "records, newest last; one record with all its fields",
           {{"RECORD", "id of one record, or its beginning", false}},
           {{"case", "CASE", "only of this case"},
            {"type", "TYPE", "only of this type; change.* for a family"},
            {"identity", "IDENTITY", "only about this identity"},
            {"last", "N", "the newest N (50); 0 = all"}},
           with_workspace<show>},
          {"evidence verify",
           "check the whole log and that it holds what the store holds; exit 9 if not",
           {},
           {},
           with_workspace<verify>},
          {"evidence seal", "seal what is recorded under a signed checkpoint", {}, {}, with_workspace<seal>}};
}

}  // namespace tenure::cli
