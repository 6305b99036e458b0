/** Questions without a telling word of their memory, and others about something else: written when recall by meaning was done, and counted once. */
import { FERRY, SHOP } from './corpus.ts';
import { type Asked, asked } from './questions.ts';
import { ATLAS, CLINIC } from './second-corpus.ts';

/** Of the first two projects. */
export const FIRST_REWORDED: readonly Asked[] = [
  asked(SHOP, 'how long do we hold goods for somebody who has not paid yet?', 's-stock'),
  asked(SHOP, 'why may I not memoise what a visitor wants to buy?', 'cache'),
  asked(SHOP, 'is it ok to ship something just before the weekend?', 'freeze'),
  asked(SHOP, 'whom do I ring if the machines are on fire?', 'owner'),
  asked(SHOP, 'which library checks what people type into fields?', 'forms'),
  asked(SHOP, 'how many days does somebody have to click the link after signing up?', 's-newsletter'),
  asked(SHOP, 'why does a brand-new article not show up until tomorrow?', 'search'),
  asked(SHOP, 'for how many days can I look back at the messages of the live system?', 'logs'),
  asked(SHOP, 'who hands out the running number of a purchase?', 'orders-id'),
  asked(SHOP, 'which login do I show to a prospect?', 'n-demo'),
  asked(SHOP, 'Wird die Steuer je Position oder erst am Ende gerundet?', 'vat'),
  asked(SHOP, '密钥应该放在哪里？', 'secrets'),
  asked(FERRY, 'the panel stopped responding in January, what was behind it?', 's-watchdog'),
  asked(FERRY, 'may I shorten a stop that does not fit on one row?', 's-scroll'),
  asked(FERRY, 'when does the new schedule arrive every week?', 'gtfs'),
  asked(FERRY, 'how does a freshly mounted sign join the wireless?', 'password-board'),
  asked(FERRY, 'how big may a buffer be on the chip?', 'memory-limit'),
  asked(FERRY, 'should I write to the port authority?', 'contact'),
  asked(FERRY, 'do we have to credit whoever drew the typeface?', 'license'),
  asked(FERRY, 'Was passiert, wenn beim Aktualisieren aus der Ferne etwas schiefgeht?', 's-ota'),
];

/** Of the second two. */
export const SECOND_REWORDED: readonly Asked[] = [
  asked(CLINIC, "do I have to keep track of who looked at somebody's file?", 'audit'),
  asked(CLINIC, 'can I use the newest interpreter?', 'python-version'),
  asked(CLINIC, 'what made the overview of people in the lobby crawl?', 'h-slowlist'),
  asked(CLINIC, 'https stops working soon, who takes care of it?', 'h-n-cert'),
  asked(CLINIC, 'Nach einem Neustart sind Hintergrundaufträge weg, woran lag das?', 'celery'),
  asked(ATLAS, 'how did we make replies twice as quick for the slowest callers?', 'gc'),
  asked(ATLAS, 'the sea floods the land after loading fresh data', 'coast'),
  asked(ATLAS, 'how do I find out whether my change is really faster?', 'bench-go'),
  asked(ATLAS, 'Warum war im Frühling alles offline?', 'h-outage'),
  asked(ATLAS, '中文字符显示成方块，缺了什么？', 'fonts'),
];

export const FIRST_OTHER: readonly Asked[] = [
  asked(SHOP, 'what does this function return when the list is empty?'),
  asked(SHOP, 'can you explain how closures capture variables?'),
  asked(SHOP, 'why is my useEffect called twice?'),
  asked(SHOP, 'which component renders the header?'),
  asked(SHOP, 'turn these callbacks into async functions'),
  asked(SHOP, 'is there a shorter way to write this loop?'),
  asked(SHOP, 'the dropdown closes when I click inside of it'),
  asked(SHOP, 'write a script that renames all jpeg files'),
  asked(SHOP, 'Kannst du mir den Unterschied zwischen map und forEach erklären?'),
  asked(SHOP, '帮我写一个快速排序'),
  asked(FERRY, 'how do lifetimes work in trait objects?'),
  asked(FERRY, 'which crate provides the iterator adaptors?'),
  asked(FERRY, 'replace the match with if let'),
  asked(FERRY, 'why does this closure not implement Fn?'),
  asked(FERRY, 'do we have a function that reverses a string?'),
  asked(FERRY, 'what is our longest function?'),
];

export const SECOND_OTHER: readonly Asked[] = [
  asked(CLINIC, 'how do generators differ from iterators?'),
  asked(CLINIC, 'which view handles the password form?'),
  asked(CLINIC, 'rename this argument in all callers'),
  asked(CLINIC, 'why does this queryset hit the database twice?'),
  asked(CLINIC, 'make a dataclass of this dictionary'),
  asked(CLINIC, 'did we test the edge cases of this parser?'),
  asked(CLINIC, 'Schreibe einen Kommentar über die Klasse.'),
  asked(CLINIC, 'what happens if two threads call this method?'),
  asked(ATLAS, 'how do I read a file line by line in Go?'),
  asked(ATLAS, 'where is the main loop?'),
  asked(ATLAS, 'why is this channel never closed?'),
  asked(ATLAS, 'which struct holds the options of the server?'),
  asked(ATLAS, 'add a flag for verbose output'),
  asked(ATLAS, 'should we return an error or panic here?'),
];
