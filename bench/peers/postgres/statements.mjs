// One message: one statement, so one transaction and one round trip. `created` tells an insert from an update.
export const receiveOne = {
  name: "receive_one",
  text: `
    with c as (
      insert into contacts as old (channel, external_id, unread, waiting_since, sort_at, last_seq, preview)
      values ($1, $2, 1, $5, $5, 1, $7)
      on conflict (channel, external_id) do update
        set unread = old.unread + 1, waiting_since = coalesce(old.waiting_since, excluded.waiting_since),
            sort_at = greatest(old.sort_at, excluded.sort_at), last_seq = old.last_seq + 1, preview = excluded.preview
      returning id, last_seq, unread, assignee, (xmax = 0) as created
    ), m as (
      insert into messages (contact, seq, channel, provider_id, at, direction, type, body)
      select id, last_seq, $1, $3, $5, 'in', $4, $6 from c
    )
    select id, last_seq as seq, unread, assignee, created from c`,
};

export const findByProviderId = {
  name: "find_by_provider_id",
  text: "select contact as id, seq from messages where channel = $1 and provider_id = $2",
};

// Many messages: one set-based statement. What was received before is left out; contacts are taken in one order, so that two
// batches cannot wait for each other.
export const receiveMany = {
  name: "receive_many",
  text: `
    with input as (
      select i.*, row_number() over (partition by channel, external_id order by ord) as nth,
             count(*) over (partition by channel, external_id) as n
      from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) with ordinality
             as i (channel, external_id, provider_id, type, body, preview, ord)
      where not exists (select from messages m where m.channel = i.channel and m.provider_id = i.provider_id)
    ), c as (
      insert into contacts as old (channel, external_id, unread, waiting_since, sort_at, last_seq, preview)
      select channel, external_id, n, $7, $7, n, preview from input where nth = n order by channel, external_id
      on conflict (channel, external_id) do update
        set unread = old.unread + excluded.unread, waiting_since = coalesce(old.waiting_since, excluded.waiting_since),
            sort_at = greatest(old.sort_at, excluded.sort_at), last_seq = old.last_seq + excluded.last_seq, preview = excluded.preview
      returning id, channel, external_id, last_seq, unread, assignee, (xmax = 0) as created
    ), m as (
      insert into messages (contact, seq, channel, provider_id, at, direction, type, body)
      select c.id, c.last_seq - i.n + i.nth, i.channel, i.provider_id, $7, 'in', i.type, i.body
      from input i join c using (channel, external_id)
    )
    select i.ord, c.id, c.last_seq - i.n + i.nth as seq, i.n, i.nth, c.unread, c.assignee, c.created
    from input i join c using (channel, external_id)`,
};

export const assign = {
  name: "assign",
  text: `
    update contacts c set assignee = $2, version = c.version + 1
    from (select id, assignee from contacts where id = $1 for update) as former
    where c.id = former.id
    returning c.version, c.unread, former.assignee as former`,
};

export const timeline = {
  name: "timeline",
  text: "select seq, at, direction, type, body as text, provider_id from messages where contact = $1 and seq < $2 order by seq desc limit $3",
};

const window = (name, where, count) => ({ name, text: `select * from contacts where not blocked ${where} order by sort_at desc, id limit $${count}` });
export const windows = {
  all: window("window_all", "", 1),
  unassigned: window("window_unassigned", "and assignee is null and status = 'open'", 1),
  mine: window("window_mine", "and assignee is not null and status = 'open' and assignee = $1", 2),
};
