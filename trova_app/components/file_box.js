// A file, or rows pasted from a spreadsheet, on their way in: the page posts them to /imports and tells the file's token.
const FAILED = "The file did not arrive. Please look at the connection and choose it again.";
const LARGEST = 10_000_000, TOO_LARGE = "This file is larger than 10 MB. Split it and import the parts.";
let acts = null, hears = false, sending = false;

const send = async (body, name) => {
  if (sending || !acts) return;
  if (body.size > LARGEST) { acts.sent("", TOO_LARGE); return; }  // the server says so too, to whoever asks it
  sending = true;
  acts.sending();
  let file = "", words = FAILED;
  try {
    const headers = { "X-File-Name": encodeURIComponent(name.slice(-100)) };
    const answer = await fetch("/imports", { method: "POST", body, headers });
    const said = await answer.json();
    file = said.file ?? "";
    words = file ? name : said.sentence ?? FAILED;
  } catch { /* said below */ }
  sending = false;
  acts?.sent(file, words);
};
const one = (files) => files.length === 1 ? send(files[0], files[0].name)
  : files.length && acts?.sent("", "Choose one file at a time.");

const place = (e) => acts && e.target.closest?.("[data-drop]");
const onChange = (e) => {
  if (!e.target.matches?.("[data-file]")) return;
  one([...e.target.files]);
  e.target.value = "";  // so that the same file, corrected, can be chosen again
};
const onOver = (e) => { if (place(e)) e.preventDefault(); };
const onDrop = (e) => { if (place(e)) { e.preventDefault(); one([...e.dataTransfer.files]); } };
const onClick = (e) => {
  if (!e.target.closest?.("[data-read-pasted]")) return;
  const text = document.querySelector("[data-pasted]")?.value ?? "";
  text.trim() ? send(new Blob([text]), "Pasted rows") : acts?.sent("", "Paste the rows into the box first.");
};

export const fileBox = (given) => {
  acts = given;
  if (hears) return;
  hears = true;
  const heard = { change: onChange, dragover: onOver, drop: onDrop, click: onClick };
  Object.entries(heard).forEach(([name, f]) => document.addEventListener(name, f));
};
