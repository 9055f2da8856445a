export const style = `
:host { all: initial; --accent: #0b5cad; --ink: #1c2330; --soft: #596275; --paper: #fff; --mine: #dcebfa; --theirs: #eef0f4; font: 15px/1.45 system-ui, sans-serif; color: var(--ink); }
* { box-sizing: border-box; font: inherit; }
[hidden] { display: none !important; }
.bubble { position: fixed; right: 20px; bottom: 20px; width: 56px; height: 56px; border: 0; border-radius: 50%; background: var(--accent); color: #fff; cursor: pointer; box-shadow: 0 4px 16px #0004; z-index: 2147483000; }
.bubble svg { width: 26px; height: 26px; vertical-align: middle; }
.count { position: absolute; top: -4px; right: -4px; min-width: 22px; padding: 0 6px; border-radius: 11px; background: #b3261e; color: #fff; font-size: 13px; font-weight: 600; }
.panel { position: fixed; right: 20px; bottom: 88px; width: 370px; height: min(560px, calc(100vh - 108px)); display: flex; flex-direction: column; border-radius: 14px; background: var(--paper); box-shadow: 0 8px 40px #0004; overflow: hidden; z-index: 2147483001; }
header { display: flex; align-items: center; padding: 12px 16px; background: var(--accent); color: #fff; }
h2 { flex: 1; margin: 0; font-size: 16px; font-weight: 600; }
header button { border: 0; background: none; color: #fff; font-size: 22px; line-height: 1; padding: 4px 8px; cursor: pointer; border-radius: 6px; }
.log { flex: 1; margin: 0; padding: 14px; overflow-y: auto; overscroll-behavior: contain; }
.m { max-width: 82%; width: fit-content; margin: 0 0 8px; padding: 8px 12px; border-radius: 14px; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--theirs); }
.m.visitor { margin-left: auto; background: var(--mine); }
.who, .under { display: block; font-size: 12px; color: var(--soft); }
.under { text-align: right; margin: -4px 4px 8px; }
.under.bad { color: #8c1d18; }
.under button { border: 0; background: none; color: var(--accent); text-decoration: underline; cursor: pointer; padding: 0 4px; }
.m img { display: block; max-width: 100%; max-height: 220px; border-radius: 8px; }
.m a { color: var(--accent); }
.note { padding: 4px 16px; font-size: 13px; color: var(--soft); min-height: 26px; }
form { display: flex; gap: 8px; padding: 10px; border-top: 1px solid #d5d9e2; }
textarea { flex: 1; resize: none; height: 42px; max-height: 120px; padding: 9px 12px; border: 1px solid #7d8699; border-radius: 10px; background: var(--paper); color: var(--ink); }
form button { border: 0; border-radius: 10px; padding: 0 16px; background: var(--accent); color: #fff; font-weight: 600; cursor: pointer; }
:focus-visible { outline: 3px solid #ffb300; outline-offset: 2px; }
@media (max-width: 480px) { .panel { inset: 0; width: auto; height: auto; border-radius: 0; } .panel:not([hidden]) + .bubble { display: none; } textarea { font-size: 16px; } }
@media (prefers-color-scheme: dark) { :host { --accent: #1769c4; --ink: #e8ebf2; --soft: #aab3c5; --paper: #161b24; --mine: #1d3b5c; --theirs: #262e3b; } .m a, .under button { color: #8ec5ff; } .under.bad { color: #ffb4ab; } form { border-color: #3a4456; } }
`;
