/** The stylesheet of all pages: phone first, light and dark, nothing fetched. */
export const STYLESHEET = `:root {
  color-scheme: light dark;
  --ground: #f3f5f4;
  --glow: #e1ece8;
  --card: #ffffff;
  --line: #dfe5e2;
  --text: #17211e;
  --soft: #52605b;
  --accent: #0e6a59;
  --accent-deep: #0a5246;
  --on-accent: #ffffff;
  --tint: #e3f1ed;
  --wait: #7a5200;
  --wait-tint: #fbf0d9;
  --stop: #9b2f24;
  --stop-tint: #fbe9e6;
  --shadow: 0 1px 2px rgb(20 40 34 / 6%), 0 12px 40px rgb(20 40 34 / 9%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101514;
    --glow: #17221f;
    --card: #1a2120;
    --line: #2d3735;
    --text: #edf2f0;
    --soft: #a9b6b1;
    --accent: #74d4bf;
    --accent-deep: #97e3d1;
    --on-accent: #06231c;
    --tint: #1f3833;
    --wait: #f0c674;
    --wait-tint: #3a3018;
    --stop: #f5a79b;
    --stop-tint: #40211d;
    --shadow: 0 12px 40px rgb(0 0 0 / 35%);
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0;
  min-height: 100vh;
  min-height: 100dvh;
  padding: 1.25rem;
  display: grid;
  grid-template-columns: minmax(0, 27rem);
  justify-content: center;
  align-items: center;
  background: radial-gradient(60rem 36rem at 50% -8rem, var(--glow), transparent) no-repeat var(--ground);
  color: var(--text);
  font: 400 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
}
.card {
  padding: 2rem 1.5rem 1.75rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 1.25rem;
  box-shadow: var(--shadow);
  text-align: center;
  overflow-wrap: anywhere;
}
p { margin: 0 0 1rem; text-wrap: pretty; }
.card > :last-child { margin-bottom: 0; }
.from { margin-bottom: 1.5rem; color: var(--soft); font-size: .9375rem; font-weight: 600; }
.sign {
  display: block;
  width: 4rem;
  height: 4rem;
  margin: 0 auto 1.25rem;
  padding: 1rem;
  border-radius: 50%;
  background: var(--tint);
  fill: none;
  stroke: var(--accent);
  stroke-width: 1.8;
  stroke-linecap: round;
  stroke-linejoin: round;
}
.done .sign { background: var(--accent); stroke: var(--on-accent); stroke-width: 2.2; }
.wait .sign { background: var(--wait-tint); stroke: var(--wait); }
.stop .sign { background: var(--stop-tint); stroke: var(--stop); stroke-width: 2.4; }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; font-weight: 650; letter-spacing: -.012em; text-wrap: balance; }
.address {
  margin: 0 0 1rem;
  padding: .75rem .5rem;
  background: var(--ground);
  border: 1px solid var(--line);
  border-radius: .75rem;
  font-weight: 600;
}
.note { color: var(--soft); font-size: .9375rem; }
form { margin: 1.5rem 0 1.25rem; }
.button {
  display: block;
  width: 100%;
  min-height: 3.25rem;
  margin: 0;
  padding: .8rem 1.25rem;
  border: 2px solid var(--accent);
  border-radius: .75rem;
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  font-weight: 650;
  line-height: 1.3;
  text-align: center;
  text-decoration: none;
  cursor: pointer;
}
.button:hover { background: var(--accent-deep); border-color: var(--accent-deep); }
.button:active { transform: translateY(1px); }
.button.second { background: transparent; border-color: var(--line); color: var(--accent); }
.button.second:hover { border-color: var(--accent); }
.button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
.buttons { display: grid; gap: .75rem; margin-top: 1.5rem; }
@media (max-width: 22rem) {
  body { padding: .75rem; }
  .card { padding: 1.75rem 1.125rem 1.5rem; }
}
@media (min-width: 30rem) {
  .card { padding: 2.5rem 2.5rem 2.25rem; }
  .address { font-size: 1.125rem; }
}
@media (forced-colors: active) {
  .sign { border: 1px solid CanvasText; stroke: CanvasText; }
}
@media (prefers-reduced-motion: reduce) {
  .button:active { transform: none; }
}
`;
