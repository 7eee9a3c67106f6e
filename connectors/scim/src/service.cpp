#include "service.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace tenure::connector_scim {
namespace {

constexpr std::size_t kResourcesMax = 5'000'000;

// RFC 9110 section 10.2.3, in seconds; a date is not understood and counts as a minute.
std::int64_t retry_after_ms(const http::Response& response) {
  const auto it = response.headers.find("retry-after");
  std::int64_t seconds = 60;
  if (it == response.headers.end()) return 1000;
  const auto [end, ec] = std::from_chars(it->second.data(), it->second.data() + it->second.size(), seconds);
  if (ec != std::errc() || seconds < 0) seconds = 60;
  return std::min<std::int64_t>(seconds, 3600) * 1000;
}

// RFC 7644 section 3.12: detail and scimType, bounded, for people.
std::string detail_of(const http::Response& response) {
  std::string text = "HTTP " + std::to_string(response.status);
  const auto body = json::parse(response.body);
  if (!body) return text;
  const std::string detail = body->string_or("detail", "").substr(0, 200), type = body->string_or("scimType", "");
  if (!type.empty()) text += " " + type;
  if (!detail.empty()) text += ": " + detail;
  return text;
}

Error error_of(const http::Response& response, bool writes) {
  const std::string text = detail_of(response);
  switch (response.status) {
    case 401:
      return Error(Reason::kTargetCredentials, text);
    case 403:
      return Error(Reason::kTargetRights, text);
    case 404:
      return Error(Reason::kTargetObjectMissing, text);
    case 409:
      return Error(Reason::kTargetObjectExists, text);
    case 429:
      return Error(Reason::kTargetThrottled, text, Effect::kNone, Retry::kLater)
          .with_retry_after_ms(retry_after_ms(response));
    default:
      break;
  }
  // 503 is said before anything is done; other 5xx may come after it was.
  if (response.status == 503)
    return Error(Reason::kTargetThrottled, text, writes ? Effect::kUnknown : Effect::kNone, Retry::kLater)
        .with_retry_after_ms(retry_after_ms(response));
  if (response.status >= 500)
    return Error(Reason::kTargetUnreachable, text, writes ? Effect::kUnknown : Effect::kNone,
                 writes ? Retry::kAfterReadBack : Retry::kLater);
  return Error(Reason::kTargetRefused, text);
}

}  // namespace

Result<http::Response> Service::send(const Deadline& deadline, const std::string& method, const std::string& target,
                                     const json::Value* body, const std::string& idempotency_key) {
  TENURE_TRY(const std::string token, token_());
  http::Request request;
  request.method = method;
  request.target = target;
  request.timeout = std::max(deadline.left(), Duration::millis(1));
  request.headers = {{"Authorization", "Bearer " + token}, {"Accept", "application/scim+json, application/json"}};
  if (body != nullptr) {
    request.headers["Content-Type"] = "application/scim+json";
    request.body = json::to_string(*body);
  }
  if (!idempotency_key.empty()) request.headers["Idempotency-Key"] = idempotency_key;
  TENURE_TRY(http::Response response, client_.send(request));
  const bool writes = method != "GET";
  if (response.status < 200 || response.status >= 300) return fail(error_of(response, writes));
  return response;
}

Result<std::optional<json::Value>> Service::get(const Deadline& deadline, const std::string& target) {
  auto response = send(deadline, "GET", target, nullptr, "");
  if (!response) {
    if (response.error().reason() == Reason::kTargetObjectMissing) return std::nullopt;
    return fail(std::move(response).error());
  }
  auto body = json::parse(response->body);
  if (!body || !body->is_object()) return fail(Reason::kTargetProtocol, "the answer is no JSON object");
  return std::move(*body);
}

Result<std::vector<json::Value>> Service::list(const Deadline& deadline, const std::string& type,
                                               const std::string& filter) {
  std::vector<json::Value> all;
  std::set<std::string> ids;
  std::int64_t total = -1;
  while (total < 0 || static_cast<std::int64_t>(all.size()) < total) {
    std::string target =
        "/" + type + "?startIndex=" + std::to_string(all.size() + 1) + "&count=" + std::to_string(page_size_);
    if (!filter.empty()) target += "&filter=" + http::percent_encode(filter);
    TENURE_TRY(const auto page, get(deadline, target));
    if (!page) return fail(Reason::kTargetProtocol, "the provider has no " + type);
    const std::int64_t page_total = page->int_or("totalResults", -1);
    if (page_total < 0) return fail(Reason::kTargetProtocol, type + ": the list does not say totalResults");
    if (total >= 0 && page_total != total)
      return fail(Reason::kTargetPartial,
                  type + ": totalResults changed from " + std::to_string(total) + " to " + std::to_string(page_total) +
                      " while it was read",
                  Effect::kNone, Retry::kLater);
    total = page_total;
    const json::Value* resources = page->find("Resources");
    const std::size_t before = all.size();
    if (resources != nullptr && resources->is_array()) {
      for (const auto& resource : resources->as_array()) {
        const std::string id = resource.string_or("id", "");
        if (id.empty()) return fail(Reason::kTargetProtocol, type + ": a resource without id");
        if (!ids.insert(id).second)
          return fail(Reason::kTargetPartial, type + ": " + id + " came twice; pages repeat", Effect::kNone,
                      Retry::kLater);
        all.push_back(resource);
      }
    }
    if (all.size() > kResourcesMax) return fail(Reason::kTargetProtocol, type + ": too many resources");
    if (all.size() == before && static_cast<std::int64_t>(all.size()) < total)
      return fail(Reason::kTargetPartial,
                  type + ": " + std::to_string(all.size()) + " of " + std::to_string(total) + " arrived", Effect::kNone,
                  Retry::kLater);
  }
  if (static_cast<std::int64_t>(all.size()) > total)
    return fail(Reason::kTargetPartial, type + ": more resources than totalResults", Effect::kNone, Retry::kLater);
  return all;
}

Result<json::Value> Service::write(const Deadline& deadline, const std::string& method, const std::string& target,
                                   const json::Value* body, const std::string& idempotency_key) {
  TENURE_TRY(const http::Response response, send(deadline, method, target, body, idempotency_key));
  if (response.body.empty()) return json::Value();
  auto parsed = json::parse(response.body);
  return parsed ? std::move(*parsed) : json::Value();
}

}  // namespace tenure::connector_scim
