// morph changes the element current until it equals next. Elements that both have stay in the document, so that they keep
// their focus, selection and scroll position. Children with an id are matched by it, others by their position.
export function morph(current, next) {
  morphAttributes(current, next);
  const kept = new Set([...next.children].map((child) => child.id));
  for (const child of [...current.children]) {
    if (child.id && !kept.has(child.id)) child.remove();
  }
  current.normalize(); // joins the texts around a removed child; otherwise all children after them would be moved
  const byID = new Map([...current.children].map((child) => [child.id, child]));
  let position = current.firstChild;
  for (const target of [...next.childNodes]) {
    const found = target.id ? byID.get(target.id) : position;
    if (!found || !sameKind(found, target)) {
      current.insertBefore(target, position);
      continue;
    }
    if (found === position) position = position.nextSibling;
    else current.insertBefore(found, position);
    morphNode(found, target);
  }
  while (position) {
    const after = position.nextSibling;
    position.remove();
    position = after;
  }
}

function sameKind(a, b) {
  return a.nodeName === b.nodeName && (a.id || "") === (b.id || "");
}

function morphNode(current, next) {
  if (current.nodeType === Node.ELEMENT_NODE) morph(current, next);
  else if (current.nodeValue !== next.nodeValue) current.nodeValue = next.nodeValue;
}

function morphAttributes(current, next) {
  for (const { name, value } of next.attributes) {
    if (current.getAttribute(name) !== value) current.setAttribute(name, value);
  }
  for (const { name } of [...current.attributes]) {
    if (!next.hasAttribute(name)) current.removeAttribute(name);
  }
}
