// Who may take emergency authority: a short document, because everything in it is a promise to an auditor.
#include "loader.hpp"

#include <algorithm>

namespace tenure::policy {

void load_break_glass(Loading& loading, const Headed& head) {
  MapReader reader(*head.node, "break-glass \"" + head.name + "\"", loading.diagnostics);
  for (const char* known : {"apiVersion", "kind", "metadata"}) reader.optional(known);
  require_owner(head, "break-glass", loading.diagnostics);
  BreakGlassRule rule;
  rule.name = head.name;
  rule.owner = head.owner;
  const auto groups = [&](std::string_view key) {
    reader.required(key, "[groups or persons]");
    return read_approvers(loading, reader, key);
  };
  rule.who = groups("who");
  rule.confirm = groups("confirm");
  rule.reviewers = groups("reviewers");
  rule.term_max = reader.duration_or("term_max", rule.term_max);
  rule.confirm_within = reader.duration_or("confirm_within", rule.confirm_within);
  rule.review_within = reader.duration_or("review_within", rule.review_within);
  rule.kit_term_max = reader.duration_or("kit_term_max", rule.kit_term_max);
  rule.targets = reader.texts_or("targets");
  const YamlNode* targets = reader.optional("targets");
  for (const std::string& glob : rule.targets) {
    const bool any = std::any_of(loading.set.targets.begin(), loading.set.targets.end(),
                                 [&](const auto& target) { return matches_glob(glob, target.first.str()); });
    if (!any)
      loading.diagnostics.error(Reason::kPolicyReference, targets->place, "no target is called \"" + glob + "\"",
                                "names of targets; * stands for any text");
  }
  reader.finish();
  loading.set.break_glass.push_back(std::move(rule));
}

}  // namespace tenure::policy
