// SPDX-License-Identifier: Apache-2.0
// Shows in the picture and the table what /events says that passes now. Texts from there are set as text, never as markup.
"use strict";

const byId = (id) => document.getElementById(id);
const state = byId("state");
const rows = new Map();
let facts = { marks: {}, allocations: [], modules: [], machines: [] };

const UNITS = ["", "k", "M", "G", "T"];

/** A number of at most four characters with its unit: 0.5, 12, 1.5k, 230M. */
function short(number) {
  let unit = 0;
  while (number >= 999.5 && unit < UNITS.length - 1) {
    number /= 1000;
    unit += 1;
  }
  return (number > 0 && number < 9.95 ? number.toFixed(1) : Math.round(number)) + UNITS[unit];
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setTip(element, text) {
  const tip = element.querySelector("title") ?? element.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "title"));
  setText(tip, text);
}

/** The place on a link where its rate is written: above the middle of its line. */
function rateText(edge) {
  let text = edge.querySelector("text.rate");
  if (!text) {
    const line = edge.querySelector("path");
    const middle = line.getPointAtLength(line.getTotalLength() / 2);
    text = document.createElementNS("http://www.w3.org/2000/svg", "text");
    text.setAttribute("class", "rate");
    text.setAttribute("x", middle.x);
    text.setAttribute("y", middle.y - 4);
    edge.append(text);
  }
  return text;
}

function showLink(edge, forward, rates, silent) {
  const back = forward === "sent" ? "received" : "sent";
  const [there, here] = [rates[`${forward}_packets`] ?? 0, rates[`${back}_packets`] ?? 0];
  const dropped = rates.dropped_packets ?? 0;
  edge.classList.toggle("moving", there + here > 0);
  edge.classList.toggle("dropping", dropped > 0);
  const line = edge.querySelector("path");
  line.style.strokeWidth = 1 + Math.min(5, Math.log10(1 + there + here));
  line.style.strokeDasharray = silent ? "2 3" : "";
  const passed = [there > 0 ? `${short(there)}→` : "", here > 0 ? `←${short(here)}` : "", dropped > 0 ? `✕${short(dropped)}` : ""];
  setText(rateText(edge), passed.filter(Boolean).join(" "));
  setTip(edge, `→ ${short(there)} packets/s, ${short(rates[`${forward}_bits`] ?? 0)}bit/s\n` +
    `← ${short(here)} packets/s, ${short(rates[`${back}_bits`] ?? 0)}bit/s\ndropped: ${short(dropped)} packets/s`);
}

/** What a module is, in a word, and whether that is bad. */
function moduleState(told, silent) {
  if (silent) return ["machine is silent", true];
  if (!told) return ["not there", true];
  return told.up ? ["up", false] : ["stopped or silent", true];
}

function showPicture(told) {
  for (const [id, mark] of Object.entries(facts.marks)) {
    const element = byId(id);
    const [kind, name] = mark;
    if (kind === "link") {
      showLink(element, mark[3], told.links[`${name} ${mark[2]}`] ?? {}, name in told.silent);
    } else if (kind === "arm") {
      showLink(element, mark[2], told.modules[name] ?? {}, rows.get(name).machine in told.silent);
    } else if (kind === "machine") {
      element.classList.toggle("bad", told.machines[name] === false || name in told.silent);
    } else if (kind === "module") {
      const module = told.modules[name];
      const machine = rows.get(name).machine;
      element.classList.toggle("bad", moduleState(module, machine in told.silent)[1] || (module?.dropped_packets ?? 0) > 0);
    }
  }
}

function addRow(module) {
  const row = byId("modules").tBodies[0].insertRow();
  for (let column = 0; column < 9; column += 1) row.insertCell();
  setText(row.cells[0], module.name);
  setText(row.cells[2], module.tenant ? `${module.allocation} (${module.tenant})` : module.allocation);
  const known = { row, machine: module.machine, about: module };
  rows.set(module.name, known);
  return known;
}

function showModules(told) {
  const strangers = Object.keys(told.modules).filter((name) => !rows.has(name));
  byId("strangers").hidden = strangers.length === 0;
  setText(byId("strangers"), `Not in this picture: ${strangers.slice(0, 5).join(", ")}${strangers.length > 5 ? ` and ${strangers.length - 5} more` : ""}. ` +
    "Something was deployed since; run live.yml again.");
  for (const [name, { row, machine }] of rows) {
    const module = told.modules[name];
    const [word, bad] = moduleState(module, machine in told.silent);
    const dropped = module?.dropped_packets ?? 0;
    const reasons = Object.entries(module?.reasons ?? {}).map(([reason, rate]) => `${reason} ${short(rate)}/s`);
    setText(row.cells[1], module?.machine ?? machine);
    setText(row.cells[3], word);
    setText(row.cells[4], short(module?.received_packets ?? 0));
    setText(row.cells[5], short(module?.received_bits ?? 0));
    setText(row.cells[6], short(module?.sent_packets ?? 0));
    setText(row.cells[7], dropped > 0 ? reasons.join(", ") : "0");
    setText(row.cells[8], module?.flows === undefined ? "" : String(module.flows));
    row.cells[3].classList.toggle("bad", bad);
    row.cells[7].classList.toggle("bad", dropped > 0);
  }
}

function showMachines(told) {
  const list = byId("machines");
  const names = [...new Set([...facts.machines, ...Object.keys(told.machines)])].sort();
  names.forEach((name, place) => {
    const item = list.children[place] ?? list.appendChild(document.createElement("li"));
    const silent = told.silent[name];
    const well = told.machines[name] && silent === undefined;
    setText(item, `${name}: ${silent ?? (well ? "up" : "something of it cannot be read")}`);
    item.classList.toggle("bad", !well);
  });
}

function show(told) {
  const silent = Object.keys(told.silent).length;
  setText(state, !told.rates ? "counting" : silent > 0 ? `live, but ${silent} of ${facts.machines.length} machines do not answer` : "live");
  state.classList.toggle("bad", silent > 0);
  showPicture(told);
  showModules(told);
  showMachines(told);
}

/** Light up what the packets of some allocations pass, and show their modules alone; of none, all. */
function choose(chosen) {
  const places = new Set(facts.allocations.filter(chosen).flatMap((allocation) => allocation.places));
  document.querySelector("#picture svg")?.classList.toggle("chosen", places.size > 0);
  for (const [id, mark] of Object.entries(facts.marks)) {
    byId(id).classList.toggle("way", places.has(mark[0] === "link" ? `link ${mark[1]} ${mark[2]}` : `${mark[0]} ${mark[1]}`));
  }
  filterRows(places);
}

function filterRows(places) {
  const wanted = byId("filter").value.trim().toLowerCase();
  for (const [name, { row, about }] of rows) {
    const words = [name, about.machine, about.allocation, about.tenant].join(" ").toLowerCase();
    row.hidden = !words.includes(wanted) || (places.size > 0 && !places.has(`module ${name}`));
  }
}

function press(button) {
  const pressed = button.getAttribute("aria-pressed") === "true";
  for (const other of byId("choices").children) other.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-pressed", String(!pressed));
  const { tenant, allocation } = button.dataset;
  choose((one) => !pressed && (tenant === undefined ? one.name === allocation : one.tenant === tenant));
}

async function begin() {
  facts = await (await fetch("facts")).json();
  facts.modules.forEach(addRow);
  byId("filter").addEventListener("input", () => {
    for (const button of byId("choices").children) button.setAttribute("aria-pressed", "false");
    choose(() => false);
  });
  byId("choices").addEventListener("click", (event) => event.target.closest("button") && press(event.target.closest("button")));
  const events = new EventSource("events");
  events.addEventListener("message", (event) => show(JSON.parse(event.data)));
  events.addEventListener("error", () => {
    setText(state, "the page's server does not answer; what is shown is old");
    state.classList.add("bad");
  });
}

begin();
