// One executor over the workspace's store and targets, ready to take up what is open.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include <tenure/app/workspace.hpp>
#include <tenure/runtime/executor.hpp>

namespace tenure::app {

class EngineRoom final : public runtime::ConnectionPool {
 public:
  // Loads every open row of the store.
  static Result<std::unique_ptr<EngineRoom>> open(Workspace& workspace);

  runtime::Executor& executor() { return *executor_; }
  Result<std::unique_ptr<connector::Connection>> open(const model::TargetName& target) override;

 private:
  explicit EngineRoom(Workspace& workspace) : workspace_(workspace) {}
  Workspace& workspace_;
  std::unique_ptr<runtime::Executor> executor_;
};

}  // namespace tenure::app
