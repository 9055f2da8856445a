create table contacts (
  id bigint generated always as identity primary key,
  channel text not null,
  external_id text not null,
  version int not null default 1,
  status text not null default 'open',
  assignee text,
  blocked boolean not null default false,
  unread int not null,
  waiting_since bigint,
  sort_at bigint not null,
  last_seq int not null,
  preview text not null,
  unique (channel, external_id)
) with (fillfactor = 70);
create index contacts_all on contacts (sort_at desc, id) where not blocked;
create index contacts_unassigned on contacts (sort_at desc, id) where assignee is null and status = 'open' and not blocked;
create index contacts_mine on contacts (assignee, sort_at desc, id) where assignee is not null and status = 'open' and not blocked;

create table messages (
  contact bigint not null,
  seq int not null,
  channel text not null,
  provider_id text not null,
  at bigint not null,
  direction text not null,
  type text not null,
  body text not null,
  primary key (contact, seq)
);
create unique index messages_provider on messages (channel, provider_id);
