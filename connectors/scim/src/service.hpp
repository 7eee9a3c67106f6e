// Requests to a SCIM service provider: authorisation, error classes, lists page by page with their completeness proven.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <tenure/base/deadline.hpp>
#include <tenure/base/json.hpp>
#include <tenure/connector/connector.hpp>
#include <tenure/http/client.hpp>

namespace tenure::connector_scim {

class Service {
 public:
  Service(http::ClientOptions options, std::function<Result<std::string>()> token, int page_size)
      : client_(std::move(options)), token_(std::move(token)), page_size_(page_size) {}

  // GET of one resource; nullopt on 404, which is a definite answer.
  Result<std::optional<json::Value>> get(const Deadline& deadline, const std::string& target);
  // Every resource of a type, ordered by the server. Pages that overlap, repeat, or add up to another number than
  // totalResults are kTargetPartial: what was read is not the list.
  Result<std::vector<json::Value>> list(const Deadline& deadline, const std::string& type,
                                        const std::string& filter = "");
  // POST, PATCH, PUT, DELETE. The answer's body, or null when there is none: never proof of anything.
  Result<json::Value> write(const Deadline& deadline, const std::string& method, const std::string& target,
                            const json::Value* body, const std::string& idempotency_key);

 private:
  Result<http::Response> send(const Deadline& deadline, const std::string& method, const std::string& target,
                              const json::Value* body, const std::string& idempotency_key);
  http::Client client_;
  std::function<Result<std::string>()> token_;
  int page_size_;
};

}  // namespace tenure::connector_scim
