#include "commands/all.hpp"
#include "demo/demo.hpp"

namespace tenure::cli {

const std::vector<CommandSpec>& all_commands() {
  static const std::vector<CommandSpec> kCommands = [] {
    std::vector<CommandSpec> all;
    for (const auto& part : {init_commands(),       policy_commands(),     what_if_commands(),
                             source_commands(),     target_commands(),     plan_commands(),
                             plan_parts_commands(), approval_commands(),   apply_commands(),
                             run_commands(),        drift_commands(),      assignment_commands(),
                             work_order_commands(), obligation_commands(), break_glass_commands(),
                             kit_commands(),        identity_commands(),   identity_merge_commands(),
                             evidence_commands(),   status_commands(),     demo::demo_commands(),
                             about_commands()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return kCommands;
}

const std::vector<std::pair<std::string, std::string>>& all_nouns() {
  static const std::vector<std::pair<std::string, std::string>> kNouns = {
      {"policy", "the rules: who should have what"},
      {"source", "feeds that say who people and services are"},
      {"target", "systems where access lives"},
      {"plan", "what would change, and consent to it"},
      {"approval", "who is asked for consent, and what they said"},
      {"run", "what was carried out, step by step"},
      {"drift", "what is there but not decided, and the answers to it"},
      {"request", "roles and exceptions that people ask for"},
      {"assignment", "what people decided that somebody should hold"},
      {"workorder", "changes that a person carries out by hand"},
      {"obligation", "access that must be gone: until it is proven, or waived by name"},
      {"breakglass", "authority in an emergency, and sealed kits for when Tenure is away"},
      {"identity", "people, services and their accounts"},
      {"evidence", "the record of everything, and its proof"}};
  return kNouns;
}

}  // namespace tenure::cli
