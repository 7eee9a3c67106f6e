// An opened state folder with its policy: what every use case works on.
//
//   <folder>/tenure.db   the store           <folder>/log/      the evidence log (tiles, checkpoint)
//   <folder>/config.json where the policy is <folder>/key, vkey the log's signing key (0600), and the public one
//   <folder>/environment deployment values   <folder>/secrets/  one file (0600) per secret
//
// One process at a time holds a folder (kStoreLocked). Not thread-safe: one use case at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <tenure/base/clock.hpp>
#include <tenure/base/diagnostic.hpp>
#include <tenure/connector/connector.hpp>
#include <tenure/policy/load.hpp>
#include <tenure/policy/policy_set.hpp>
#include <tenure/store/store.hpp>

namespace tenure::app {

// The outside, given by the program (apps/tenure) or by a test. Everything outlives the workspace.
struct Environment {
  Clock& clock;
  Random& random;
  Entropy& entropy;
  std::map<std::string, const connector::Connector*> connectors;  // by the name used in documents
  std::function<Result<std::unique_ptr<store::Store>>(const std::string& folder, bool create)> open_store;
  std::function<std::optional<std::string>(const std::string& name)> variable;  // process environment
  // Reading only, beside a process that holds the folder; commit() of it fails.
  std::function<Result<std::unique_ptr<store::Store>>(const std::string& folder)> open_reader;
};

// A person at the keyboard or behind the API.
struct Actor {
  std::string name;  // natural key of an identity, a login, or an operator's name
};

class Workspace {
 public:
  // Makes a new state folder for a policy folder (which must load without errors). kStateExists if there is one.
  static Status init(Environment environment, const std::string& folder, const std::string& policy_folder,
                     const Actor& actor, Diagnostics& diagnostics);
  // kNoState, kStoreLocked; policy errors go to diagnostics and the error says so.
  static Result<std::unique_ptr<Workspace>> open(Environment environment, const std::string& folder, Actor actor,
                                                 Diagnostics& diagnostics);
  // To look on while another process works: no lock, nothing can be committed.
  static Result<std::unique_ptr<Workspace>> open_reader(Environment environment, const std::string& folder, Actor actor,
                                                        Diagnostics& diagnostics);

  const std::string& folder() const { return folder_; }
  const std::string& policy_folder() const { return policy_folder_; }
  const std::string& origin() const { return origin_; }  // name of the evidence log
  const policy::PolicySet& policy() const { return *policy_; }
  store::Store& store() { return *store_; }
  const Environment& environment() const { return environment_; }
  Clock& clock() { return environment_.clock; }
  const Actor& actor() const { return actor_; }
  connector::SecretSource& secrets() { return *secrets_; }

  // Deployment value: process environment, then <folder>/environment ("NAME=value" lines).
  std::optional<std::string> variable(const std::string& name) const;
  // Every "${NAME}" in the strings of a configuration replaced. kConnectorConfig names what is not set.
  Result<json::Value> expand(const json::Value& config, const Place& place) const;
  // A path of a document: absolute, or relative to the state folder.
  std::string resolve(const std::string& path) const;

  // Refuses to start anything that has effects while the disk is nearly full (kStoreFull).
  Status check_room() const;

 private:
  Workspace(Environment environment, std::string folder, Actor actor);
  Status read_environment_file();
  static Result<std::unique_ptr<Workspace>> prepare(Environment environment, const std::string& folder, Actor actor,
                                                    Diagnostics& diagnostics);

  Environment environment_;
  std::string folder_;
  std::string policy_folder_;
  std::string origin_;
  Actor actor_;
  std::map<std::string, std::string> variables_;
  std::unique_ptr<connector::SecretSource> secrets_;
  std::unique_ptr<policy::PolicySet> policy_;
  std::unique_ptr<store::Store> store_;
};

// Every *.yaml of a policy folder, in order of path. Faults go to diagnostics; nullopt if there are errors.
std::optional<std::vector<policy::Document>> read_policy_folder(const std::string& folder, Diagnostics& diagnostics);
// Reads and checks every *.yaml of a policy folder. All faults go to diagnostics; nullopt if there are errors.
std::optional<policy::PolicySet> load_policy_folder(const std::string& folder, Diagnostics& diagnostics);

}  // namespace tenure::app
