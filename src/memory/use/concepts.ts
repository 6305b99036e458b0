/**
 * Words that mean the same in what developers write, in English, German and Chinese: a memory is rarely asked for in its own words,
 * and often in another language.
 *
 * A line is one concept, `~` one that every project has. A word may be in several. Names of products stand with what they are. German and Chinese words are also
 * found inside longer ones.
 */
import { tokensOf } from '../../repo-index/store/tokens.ts';

const CONCEPTS = `
database db postgres postgresql mysql mariadb sqlite sql mongo datenbank 数据库
schema migration migrate column alter migrieren 迁移
seed sample fixture example beispieldaten testdaten 示例数据
backup restore restoring snapshot sicherung wiederherstell 备份 恢复
cache caching cached redis memcached zwischenspeicher 缓存
queue broker mqtt rabbitmq kafka message subscribe warteschlange 消息队列
~ search meilisearch elasticsearch lucene find suche 搜索
port listen socket lauscht anschluss 端口
password credential secret token key login passwort kennwort zugangsdaten geheimnis schlüssel 密码 密钥 凭证
login logged logout signin session cookie auth authentication anmeld eingeloggt ausgeloggt 登录 登出
permission right role access berechtigung zugriff 权限
~ user account customer client people nutzer benutzer kunde konto 用户 账户 客户
deploy deployment release rollout ship publish production prod live staging ausliefer veröffentlich produktiv 部署 发布 上线 生产环境
rollback revert undo zurückroll rückgängig 回滚 撤销
tag version pin pinned release fassung 版本 标签
friday freeze weekend monday sunday freitag montag wochenende sonntag 周五 周末 周一
ci pipeline actions workflow github gitlab jenkins 持续集成 流水线
compiler rustc toolchain compile build cargo gcc übersetzer kompilier 编译 编译器
~ build bundle bundler webpack vite esbuild make bau 构建 打包
target arm cross architecture platform cpu zielplattform 架构
container docker dockerfile image compose podman alpine debian 容器 镜像
~ server host machine fly vm rechner maschine 服务器 主机
log logs logging loki grafana protokoll logdatei 日志
monitor monitoring serial console uart output baud ausgabe 串口
~ error failure fail crash broken exception bug fehler absturz kaputt 错误 失败 崩溃
flaky random sporadic intermittent unreliable zufällig sporadisch manchmal 偶尔 随机
hang hung freeze froze stuck deadlock watchdog hängt eingefroren 卡住 死锁
timeout timed expire zeitüberschreitung abgelaufen 超时
slow performance fast speed latency langsam schnell geschwindigkeit 慢 性能 速度
memory ram heap allocation speicher 内存
~ limit maximum most cap quota höchstens grenze maximal 限制 上限 最多
~ test tests testing spec unit e2e vitest jest pytest testen 测试
browser chromium chrome webkit safari firefox 浏览器
mock fake stub double simulate simulator sim emulator attrappe simulier 模拟
golden reference snapshot picture screenshot baseline referenzbild 参考图
hardware device board display screen panel gerät anzeige bildschirm 硬件 设备 显示屏 屏幕
flash firmware bootloader upload ota flashen aufspielen 固件 刷写 烧录
brightness bright dark dim light readable sun helligkeit hell dunkel lesbar 亮度
cable usb plug jack kabel stecker buchse 线缆 接口
font typeface schriftart schrift 字体
license licence ofl mit gpl copyright legal lizenz 许可证 授权
package dependency library npm pnpm yarn install lockfile paket abhängigkeit bibliothek 依赖 安装 包管理
style css tailwind stylesheet design styling gestaltung 样式
~ form input validate validation zod valibot field eingabe formular prüfung 表单 验证 校验
translation translate locale i18n language text übersetzung sprache 翻译 语言
~ image photo resize sharp bild foto 图片 图像
upload file attachment catalogue hochlad datei 上传
pdf invoice document print typst puppeteer rechnung drucken 发票
price amount money cent euro cost total preis betrag geld kosten 价格 金额 钱
tax vat mwst mehrwertsteuer umsatzsteuer steuer 税
discount coupon voucher promo rabatt gutschein 优惠券 折扣
refund money-back rückerstattung erstattung 退款
payment pay stripe paypal checkout card zahlung bezahl kasse 支付 付款 结账
webhook callback signature hook signatur 回调 签名
cart basket warenkorb 购物车
order orders purchase bestellung auftrag 订单
stock inventory warehouse oversell piece lager bestand vorrat 库存
approve approval review sign-off freigabe genehmig 审批 批准
mail email newsletter smtp brevo mailpit subscribe rundbrief 邮件 邮箱
network wifi wlan vpn wireguard internet proxy netz netzwerk 网络
certificate tls ssl https zertifikat 证书
~ domain dns url address hostname adresse 域名 地址
commit message commit-message rebase merge squash nachricht 提交
branch develop main trunk zweig 分支
~ comment comments docs documentation kommentar dokumentation 注释 文档
lint linter clippy eslint biome warning 检查
~ format formatter prettier rustfmt formatieren 格式化
unwrap panic expect thiserror anyhow result
rule convention guideline standard regel konvention 规范 约定
who contact person responsible charge decides ansprechpartner zuständig verantwortlich wer 谁 负责 联系
call phone telephone telefon anruf anrufen 电话
~ time hour clock timezone date day midnight uhrzeit zeitzone stunde mitternacht 时间 时区 午夜
~ schedule cron job nightly night timer nachts zeitplan 定时 夜里 每晚
timetable departure arrival gtfs fahrplan abfahrt ankunft 时刻表
holiday vacation feiertag ferien urlaub 假期 节日
round rounding rundung runden gerundet 四舍五入
~ id identifier number sequence uuid nummer kennung 编号 标识
~ storage bucket s3 blob object ablage 存储
export import csv excel spreadsheet ausfuhr 导出 导入
lock mutex concurrency race concurrent sperre nebenläufig 锁 并发
~ thread worker task process async aufgabe prozess 线程 进程
~ query n+1 join index loader abfrage 查询
retention keep days aufbewahr behalten 保留
encrypt decrypt cipher hash verschlüssel 加密
demo demonstration presentation showcase vorführung 演示
~ answer reply respond response antwort 回答 回复
gpu vram model ollama grafikkarte modell 显卡 模型
scroll move ticker marquee laufschrift 滚动
~ name label title abbreviate truncate cut destination abgekürzt bezeichnung 名称 缩写
temperature cold winter frost kalt minusgrade 温度 低温
~ config configuration setting option env environment einstellung konfiguration 配置 设置
backoffice dashboard verwaltung 后台
~ feed data source api provider schnittstelle datenquelle 接口 数据源
appointment booking calendar slot meeting termin buchung kalender 预约 日历
label caption beschriftung 标签文字
edge border margin padding rand abstand 边缘 边距
tile grid kachel raster 瓦片 网格
map karte 地图
letter brief anschreiben 信件
article product artikel produkt 商品 产品
report statistics bericht auswertung 报告 统计
chart diagram plot graph diagramm 图表
~ delete remove erase lösch entfern 删除
~ send sent deliver verschick versand senden schick 发送
~ receive arrive empfang ankomm 接收
encoding charset unicode utf latin kodierung zeichensatz 编码
~ line length width zeile zeilenlänge breite 行 长度
benchmark benchstat measure messung benchmarks 基准
profile profiler pprof flamegraph profil 性能分析
metrics prometheus alert alarm metrik 指标 告警
outage downtime down unavailable ausfall ausgefallen 宕机 停机
disk partition festplatte platte 磁盘 硬盘
quota rate throttle 429 drossel kontingent 限流 配额
retry retries attempt backoff wiederhol 重试
accessibility aria screenreader barrierefrei 无障碍
keyboard shortcut hotkey tastatur tastenkürzel 键盘 快捷键
color colour palette theme farbe farben 颜色 主题
icon logo symbol piktogramm 图标
animation transition effect animier 动画
video audio sound ton 视频 音频
privacy gdpr dsgvo anonymous anonymised datenschutz anonym 隐私 匿名
audit trace history nachweis 审计
administrator admin superuser root administrator 管理员
proxy gateway nginx caddy loadbalancer cdn 代理 网关
vendor vendored submodule monorepo workspace
worktree clone checkout klon 克隆
debug debugger breakpoint debuggen 调试
`;

/** Of a word inside another one: shorter ones are inside of many that have nothing to do with them. */
const LEAST_INNER = 5;
const LEAST_OUTER = 8;
const CHINESE = /^[\u3400-\u9fff]/;

/** The words of a text, as `hasConcept` needs them. */
export interface TextWords {
  readonly tokens: ReadonlySet<string>;
  /** As written, in lower case. */
  readonly words: readonly string[];
}

export interface Concept {
  readonly name: string;
  /** Every project has it, so that it says little. */
  readonly isWeak: boolean;
  readonly stems: readonly string[];
  /** What is looked for inside of words. */
  readonly parts: readonly string[];
  readonly chinese: readonly string[];
}

/** A table of them; read when a message comes, and only what it needs: a task has one message. */
export class ConceptTable {
  readonly #lines: readonly string[];
  readonly #known = new Map<string, Concept>();

  constructor(table: string) {
    this.#lines = table.trim().split('\n');
  }

  /** @param token of the word, or one of its parts. */
  of(word: string, token: string): readonly Concept[] {
    const lower = word.toLowerCase();
    if (CHINESE.test(lower)) return this.#having((one) => CHINESE.test(one) && lower.includes(one));
    // A stem differs from its word in the last letter at most.
    const beginning = token.slice(0, -1);
    const direct = this.#having((one) => one.startsWith(beginning) && stemOf(one) === token);
    return direct.length > 0 ? direct : this.#having((one) => isInside(one, lower));
  }

  #having(fits: (word: string) => boolean): Concept[] {
    return this.#lines.flatMap((line) => {
      const words = line.split(' ');
      return words.some(fits) ? [this.#conceptIn(line, words)] : [];
    });
  }

  #conceptIn(line: string, words: readonly string[]): Concept {
    const known = this.#known.get(line);
    if (known !== undefined) return known;
    const isWeak = words[0] === '~';
    const spaced = words.filter((word) => word !== '~' && !CHINESE.test(word));
    const concept = {
      name: `#${line}`,
      isWeak,
      stems: spaced.map(stemOf),
      parts: spaced.filter((word) => word.length >= LEAST_INNER),
      chinese: words.filter((word) => CHINESE.test(word)),
    };
    this.#known.set(line, concept);
    return concept;
  }
}

export const DEVELOPER_CONCEPTS = new ConceptTable(CONCEPTS);

export function hasConcept({ stems, parts, chinese }: Concept, { tokens, words }: TextWords): boolean {
  if (stems.some((stem) => tokens.has(stem))) return true;
  return words.some((word) =>
    CHINESE.test(word)
      ? chinese.some((one) => word.includes(one))
      : parts.some((part) => isInside(part, word)),
  );
}

function isInside(part: string, word: string): boolean {
  if (part.length < LEAST_INNER) return false;
  return word.startsWith(part) || (word.length >= LEAST_OUTER && word.endsWith(part));
}

function stemOf(word: string): string {
  return tokensOf(word).at(-1) ?? word;
}
