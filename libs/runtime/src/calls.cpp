#include "calls.hpp"

namespace tenure::runtime {
namespace {

using plan::Verb;

std::unexpected<Error> unsupported(std::string_view what) {
  return fail(Reason::kConnectorUnsupported, "the connector cannot " + std::string(what));
}

using Image = Result<std::optional<model::AccountImage>>;

template <class T>
Image image_from(Result<T> result) {
  if (!result) return fail(std::move(result).error());
  return std::optional<model::AccountImage>(std::move(*result));
}

Image write_account(connector::Connection& connection, const engine::Send& send, const connector::Call& call) {
  connector::AccountWriter* writer = connection.account_writer();
  if (writer == nullptr) return unsupported("write accounts");
  const plan::Change& change = send.change;
  switch (change.verb) {
    case Verb::kCreate: {
      const connector::AccountDraft draft{.account_class = change.account_class,
                                          .purpose = change.purpose,
                                          .name = change.account.name,
                                          .attributes = change.attributes};
      return image_from(writer->create(call, draft));
    }
    case Verb::kUpdate:
      return image_from(writer->update(call, send.account, change.attributes));
    case Verb::kEnable:
      return image_from(writer->set_enabled(call, send.account, true));
    case Verb::kDisable:
      return image_from(writer->set_enabled(call, send.account, false));
    default:
      break;
  }
  if (Status removed = writer->remove(call, send.account); !removed) return fail(std::move(removed).error());
  return std::optional<model::AccountImage>();
}

Image write_grant(connector::Connection& connection, const engine::Send& send, const connector::Call& call) {
  connector::GrantWriter* writer = connection.grant_writer();
  if (writer == nullptr) return unsupported("write grants");
  const plan::Change& change = send.change;
  if (change.verb == Verb::kGrant)
    return image_from(writer->grant(call, send.account, change.entitlement, change.parameters));
  return image_from(writer->revoke(call, send.account, change.entitlement, change.parameters));
}

Image end_sessions(connector::Connection& connection, const engine::Send& send, const connector::Call& call) {
  connector::SessionControl* sessions = connection.session_control();
  if (sessions == nullptr) return unsupported("end sessions");
  if (auto left = sessions->end_sessions(call, send.account); !left) return fail(std::move(left).error());
  return std::optional<model::AccountImage>();
}

Image write(connector::Connection& connection, const engine::Send& send, const connector::Call& call) {
  switch (send.change.verb) {
    case Verb::kGrant:
    case Verb::kRevoke:
      return write_grant(connection, send, call);
    case Verb::kEndSessions:
      return end_sessions(connection, send, call);
    case Verb::kClaim:
    case Verb::kAdopt:
    case Verb::kOnboard:
      return fail(Reason::kInternal, "a local decision was to be sent");
    default:
      return write_account(connection, send, call);
  }
}

}  // namespace

engine::SendDone perform(connector::Connection& connection, const engine::Send& send) {
  engine::SendDone done;
  done.serial = send.serial;
  done.change = send.change.id;
  done.target = send.change.target;
  if (send.timeout <= Duration{}) {  // its time was over before it began: nothing left this machine
    done.outcome = engine::AttemptOutcome::kFailed;
    done.error = Error(Reason::kTargetTimeout, "the time for it was over", Effect::kNone, Retry::kLater);
    return done;
  }
  const connector::Call call{.timeout = send.timeout, .idempotency_key = send.change.id.str()};
  Image image = write(connection, send, call);
  if (image) {
    done.outcome = engine::AttemptOutcome::kApplied;
    done.image = std::move(*image);
    return done;
  }
  done.error = image.error();
  done.retry_after = connection.retry_after();
  switch (done.error->effect()) {
    case Effect::kNone:
      done.outcome = engine::AttemptOutcome::kFailed;
      break;
    case Effect::kApplied:
      done.outcome = engine::AttemptOutcome::kApplied;
      break;
    case Effect::kUnknown:
      done.outcome = engine::AttemptOutcome::kUnknown;
      break;
  }
  return done;
}

engine::ReadDone perform(connector::Connection& connection, const engine::Read& read) {
  engine::ReadDone done;
  done.serial = read.serial;
  const connector::Call call{.timeout = read.timeout};
  const auto failed = [&](Error error) {
    done.reading.error = std::move(error);
    done.retry_after = connection.retry_after();
  };
  if (read.what == engine::Read::What::kSessions) {
    connector::SessionControl* sessions = connection.session_control();
    auto list = sessions == nullptr ? Result<std::vector<model::Session>>(unsupported("list sessions"))
                                    : sessions->list_sessions(call, read.account);
    if (!list) {
      failed(list.error());
      return done;
    }
    done.reading.kind = engine::Reading::Kind::kSessions;
    done.reading.sessions = static_cast<std::int64_t>(list->size());
    return done;
  }
  connector::AccountReader* reader = connection.account_reader();
  Image image = reader == nullptr                          ? Image(unsupported("read accounts"))
                : read.what == engine::Read::What::kByName ? reader->find_account(call, read.account_class, read.name)
                                                           : reader->read_account(call, read.account);
  if (!image) {
    failed(image.error());
    return done;
  }
  done.reading.kind = *image ? engine::Reading::Kind::kPresent : engine::Reading::Kind::kAbsent;
  if (*image) done.reading.image = std::move(**image);
  return done;
}

}  // namespace tenure::runtime
