#include "canonical.hpp"
#include "loader.hpp"

#include <algorithm>
#include <array>

#include <tenure/base/json.hpp>
#include <tenure/cel/parse.hpp>
#include <tenure/cel/program.hpp>
#include <tenure/policy/load.hpp>

namespace tenure::policy {
namespace {

constexpr std::string_view kApiVersion = "tenure/v1";

struct Kind {
  std::string_view name;
  void (*load)(Loading&, const Headed&);
};
// In the order of loading: what is referred to comes first.
constexpr std::array<Kind, 9> kKinds = {{{"Settings", load_settings},
                                         {"Source", load_source},
                                         {"Target", load_target},
                                         {"Guard", load_guard},
                                         {"Role", load_role},
                                         {"SeparationOfDuties", load_duties},
                                         {"Approval", load_approval},
                                         {"BreakGlass", load_break_glass},
                                         {"Examples", load_examples}}};
constexpr std::string_view kNoRules = "Examples";  // no part of the digest

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) names.emplace_back(kind.name);
  return names;
}

bool known_kind(const Headed& head) {
  return std::any_of(kKinds.begin(), kKinds.end(), [&](const Kind& kind) { return kind.name == head.kind; });
}

// Heads of all documents in order of kind and name: nothing after this depends on the order of files.
std::vector<Headed> read_heads(std::vector<YamlNode>& nodes, Diagnostics& diagnostics) {
  std::vector<Headed> heads;
  for (YamlNode& node : nodes) {
    MapReader reader(node, "the document", diagnostics);
    if (!reader.ok()) continue;
    Headed head = read_head(reader);
    head.node = &node;
    const YamlNode* kind = node.find("kind");
    if (!head.kind.empty() && !known_kind(head))
      reader.wrong_name(*kind, "kind", kind_names());
    else if (!head.kind.empty() && !head.name.empty())
      heads.push_back(std::move(head));
  }
  std::stable_sort(heads.begin(), heads.end(), [](const Headed& a, const Headed& b) {
    return std::tie(a.kind, a.name, a.place) < std::tie(b.kind, b.name, b.place);
  });
  return heads;
}

void drop_duplicates(std::vector<Headed>& heads, Diagnostics& diagnostics) {
  std::vector<Headed> unique;
  for (Headed& head : heads) {
    const bool single = head.kind == "Settings";
    if (!unique.empty() && unique.back().kind == head.kind && (single || unique.back().name == head.name)) {
      diagnostics.error(
          Reason::kPolicyDuplicate, head.name_place,
          single ? "a second " + head.kind + " document" : "a second " + head.kind + " named \"" + head.name + "\"",
          "one; the first is at " + unique.back().place.to_string());
      continue;
    }
    unique.push_back(std::move(head));
  }
  heads = std::move(unique);
}

// Over all documents in order of kind and name, expressions in their canonical spelling.
Digest digest_of(const std::vector<Headed>& heads, Diagnostics& diagnostics, CanonicalDocuments& canonical) {
  json::Array documents;
  for (const Headed& head : heads) {
    json::Value document = to_json(*head.node);
    canonical[{head.kind, head.name}] = document;
    if (head.kind != kNoRules) documents.push_back(std::move(document));
  }
  const json::Value all(std::move(documents));
  auto bytes = json::canonical(all);
  if (bytes) return Digest::of(*bytes);
  diagnostics.error(Reason::kInternal, {}, bytes.error().to_string());
  return {};
}

}  // namespace

bool is_name(std::string_view text) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  if (text.empty() || !plain(text.front())) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) { return plain(c) || c == '.' || c == '_' || c == '-'; });
}

bool is_identifier(std::string_view text) {
  if (text.empty() || (text.front() >= '0' && text.front() <= '9')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

Headed read_head(MapReader& reader) {
  Headed head;
  head.place = reader.place();
  Diagnostics& diagnostics = reader.diagnostics();
  if (YamlNode* version = reader.required("apiVersion", kApiVersion);
      version != nullptr && version->text != kApiVersion)
    reader.wrong(*version, "apiVersion", kApiVersion);
  head.kind = reader.text("kind", join(kind_names(), ", "));
  YamlNode* metadata = reader.required("metadata", "{ name: ... }");
  if (metadata == nullptr) return head;
  MapReader meta(*metadata, "metadata", diagnostics);
  head.name = meta.text("name", "a name");
  head.title = meta.text_or("title");
  head.owner = meta.text_or("owner");
  meta.finish();
  const YamlNode* name = metadata->find("name");
  head.name_place = name != nullptr ? name->place : metadata->place;
  if (name != nullptr && !head.name.empty() && !is_name(head.name)) {
    meta.wrong(*name, "name", "letters, digits, '.', '_' and '-'");
    head.name.clear();
  }
  return head;
}

void require_owner(const Headed& head, const char* what, Diagnostics& diagnostics) {
  if (!head.owner.empty()) return;
  diagnostics.error(Reason::kPolicySchema, head.name_place, std::string(what) + " \"" + head.name + "\" has no owner",
                    "metadata: { owner: ... }", "name the person who answers for it");
}

std::optional<Expression> Loading::compile(YamlNode& node, const cel::Environment& environment,
                                           const cel::Type& expected) {
  if (!node.is_scalar() || node.is_null()) {
    diagnostics.error(Reason::kPolicySchema, node.place, "an expression is " + std::string(node.describe()),
                      "a CEL expression");
    return std::nullopt;
  }
  const std::string text(trim(node.text));
  const cel::Source source{text, node.place, node.indent};
  cel::CompileOptions options;
  options.expected = expected;
  auto program = cel::compile(environment, source, options, diagnostics);
  if (!program) return std::nullopt;
  node.canonical = program->canonical();
  return Expression{std::make_shared<const cel::Program>(std::move(*program)), text, node.place};
}

std::optional<PolicySet> load(const std::vector<Document>& documents, Diagnostics& diagnostics) {
  CanonicalDocuments canonical;
  return load_with_documents(documents, diagnostics, canonical);
}

std::optional<PolicySet> load_with_documents(const std::vector<Document>& documents, Diagnostics& diagnostics,
                                             CanonicalDocuments& canonical) {
  Diagnostics found;
  std::vector<YamlNode> nodes;
  for (const Document& document : documents)
    for (YamlNode& node : parse_yaml(document.path, document.text, found)) nodes.push_back(std::move(node));
  std::vector<Headed> heads = read_heads(nodes, found);
  drop_duplicates(heads, found);

  const auto settings =
      std::find_if(heads.begin(), heads.end(), [](const Headed& head) { return head.kind == "Settings"; });
  Loading loading{{}, found, {}};
  if (settings == heads.end()) {
    found.error(Reason::kPolicySchema, {}, "the repository has no Settings document", "kind: Settings in tenure.yaml",
                "declare the attributes of identities there");
  } else {
    loading.set.attributes = read_attribute_declarations(*settings->node, found);
    loading.set.vocabulary = make_vocabulary(loading.set.attributes, find_allocated(heads));
    for (const Kind& kind : kKinds)
      for (const Headed& head : heads)
        if (head.kind == kind.name) kind.load(loading, head);
    check_includes(loading);
    check_steps(loading);
    if (!found.has_errors()) compile_lines(loading.set);
    loading.set.digest = digest_of(heads, found, canonical);
  }
  diagnostics.append(found);
  if (found.has_errors()) return std::nullopt;
  return std::move(loading.set);
}

}  // namespace tenure::policy
