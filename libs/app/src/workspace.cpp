#include "secrets.hpp"

#include <algorithm>
#include <filesystem>

#include <sys/stat.h>

#include <tenure/app/workspace.hpp>
#include <tenure/base/file.hpp>
#include <tenure/base/text.hpp>
#include <tenure/connector/settings.hpp>
#include <tenure/policy/load.hpp>
#include <tenure/runtime/sealer.hpp>

namespace tenure::app {
namespace {

// Nothing with an effect is started below this: evidence of what it did could not be written.
constexpr std::uint64_t kRoomBytesMin = 64ULL << 20;

}  // namespace

std::optional<std::vector<policy::Document>> read_policy_folder(const std::string& folder, Diagnostics& diagnostics) {
  namespace fs = std::filesystem;
  std::vector<policy::Document> documents;
  std::error_code ec;
  std::vector<std::string> paths;
  for (auto it = fs::recursive_directory_iterator(folder, ec); !ec && it != fs::recursive_directory_iterator();
       it.increment(ec)) {
    const std::string extension = it->path().extension().string();
    if (it->is_regular_file() && (extension == ".yaml" || extension == ".yml")) paths.push_back(it->path().string());
  }
  if (ec || paths.empty()) {
    diagnostics.error(Reason::kPolicyReference, {folder, 0, 0}, "there are no policy documents in this folder",
                      "a folder with tenure.yaml, sources/, targets/, roles/, policies/");
    return std::nullopt;
  }
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    auto text = read_file(path);
    if (!text) {
      diagnostics.error(text.error().reason(), {path, 0, 0}, text.error().message());
      continue;
    }
    documents.push_back({fs::relative(path, folder).string(), std::move(*text)});
  }
  if (diagnostics.has_errors()) return std::nullopt;
  return documents;
}

std::optional<policy::PolicySet> load_policy_folder(const std::string& folder, Diagnostics& diagnostics) {
  const auto documents = read_policy_folder(folder, diagnostics);
  if (!documents) return std::nullopt;
  return policy::load(*documents, diagnostics);
}

Workspace::Workspace(Environment environment, std::string folder, Actor actor)
    : environment_(std::move(environment)), folder_(std::move(folder)), actor_(std::move(actor)) {
  secrets_ = std::make_unique<FolderSecrets>(folder_, environment_.variable);
}

Status Workspace::init(Environment environment, const std::string& folder, const std::string& policy_folder,
                       const Actor& actor, Diagnostics& diagnostics) {
  const std::string policy_path = std::filesystem::absolute(policy_folder).lexically_normal().string();
  const auto policy = load_policy_folder(policy_path, diagnostics);
  if (!policy) return fail(diagnostics.to_error());
  TENURE_CHECK_OK(make_folders(folder));
  // What sources say about people is in it: nobody else on this machine reads it.
  if (::chmod(folder.c_str(), 0700) != 0) return fail(Reason::kIo, "cannot protect the folder " + folder);
  if (file_exists(folder + "/tenure.db")) return fail(Reason::kStateExists, folder + " holds a state already");
  TENURE_TRY(const auto store, environment.open_store(folder, true));
  const std::string system_id = environment.random.uuid();
  evidence::Draft draft;
  draft.type = "config.changed";
  draft.time = environment.clock.now();
  draft.actor = {evidence::ActorKind::kPerson, "operator"};
  draft.policy = policy->digest;
  draft.fields = {{"operator", actor.name}};
  draft.facts = {{"what", "init"}, {"system", system_id}};
  const json::Value system = json::Object{{"id", system_id}, {"policy", policy->digest.str()}};
  TENURE_TRY(const auto committed,
             store->commit({{{store::Table::kMeta, "system", store::kMustNotExist, false, {}, json::to_string(system)}},
                            {std::move(draft)}}));
  static_cast<void>(committed);
  TENURE_CHECK_OK(runtime::init_log(folder, "tenure.local/" + system_id, environment.entropy));
  // Last: a folder without config.json is an init that did not finish, and open() says so.
  const json::Value config = json::Object{{"policy", policy_path}, {"origin", "tenure.local/" + system_id}};
  return write_file_atomic(folder + "/config.json", json::to_pretty(config) + "\n");
}

Result<std::unique_ptr<Workspace>> Workspace::open(Environment environment, const std::string& folder, Actor actor,
                                                   Diagnostics& diagnostics) {
  TENURE_TRY(auto workspace, prepare(std::move(environment), folder, std::move(actor), diagnostics));
  TENURE_TRY(workspace->store_, workspace->environment_.open_store(folder, false));
  return workspace;
}

Result<std::unique_ptr<Workspace>> Workspace::open_reader(Environment environment, const std::string& folder,
                                                          Actor actor, Diagnostics& diagnostics) {
  TENURE_TRY(auto workspace, prepare(std::move(environment), folder, std::move(actor), diagnostics));
  TENURE_TRY(workspace->store_, workspace->environment_.open_reader(folder));
  return workspace;
}

Result<std::unique_ptr<Workspace>> Workspace::prepare(Environment environment, const std::string& folder, Actor actor,
                                                      Diagnostics& diagnostics) {
  if (!file_exists(folder + "/config.json")) return fail(Reason::kNoState, "there is no Tenure state in " + folder);
  std::unique_ptr<Workspace> workspace(new Workspace(std::move(environment), folder, std::move(actor)));
  TENURE_TRY(const std::string text, read_file(folder + "/config.json"));
  TENURE_TRY(const json::Value config, json::parse(text));
  workspace->policy_folder_ = config.string_or("policy", "");
  workspace->origin_ = config.string_or("origin", "");
  TENURE_CHECK_OK(workspace->read_environment_file());
  auto policy = load_policy_folder(workspace->policy_folder_, diagnostics);
  if (!policy) return fail(diagnostics.to_error());
  workspace->policy_ = std::make_unique<policy::PolicySet>(std::move(*policy));
  return workspace;
}

Status Workspace::read_environment_file() {
  const std::string path = folder_ + "/environment";
  if (!file_exists(path)) return {};
  TENURE_TRY(const std::string text, read_file(path));
  for (const auto& line : split(text, '\n')) {
    const std::size_t equals = line.find('=');
    if (line.empty() || line[0] == '#' || equals == std::string::npos) continue;
    variables_[std::string(trim(line.substr(0, equals)))] = std::string(trim(line.substr(equals + 1)));
  }
  return {};
}

std::optional<std::string> Workspace::variable(const std::string& name) const {
  if (auto value = environment_.variable(name)) return value;
  const auto it = variables_.find(name);
  if (it == variables_.end()) return std::nullopt;
  return it->second;
}

Result<json::Value> Workspace::expand(const json::Value& config, const Place& place) const {
  Diagnostics diagnostics;
  json::Value expanded = connector::expand_variables(
      config, "connection", place, [this](const std::string& name) { return variable(name); }, diagnostics);
  if (!diagnostics.has_errors()) return expanded;
  return fail(Reason::kConnectorConfig,
              diagnostics.to_error().message() + " (set it in the environment or in " + folder_ + "/environment)");
}

std::string Workspace::resolve(const std::string& path) const {
  return path.empty() || path[0] == '/' ? path : folder_ + "/" + path;
}

Status Workspace::check_room() const {
  TENURE_TRY(const std::uint64_t bytes, free_space(folder_));
  if (bytes >= kRoomBytesMin) return {};
  return fail(Reason::kStoreFull, std::to_string(bytes >> 20) + " MiB are free where " + folder_ + " lies, " +
                                      std::to_string(kRoomBytesMin >> 20) + " MiB are needed before anything is sent");
}

}  // namespace tenure::app
