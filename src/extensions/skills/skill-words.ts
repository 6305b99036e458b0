/**
 * Words for the same work, in English, German and Chinese, besides those that developers use for their code
 * (`memory/use/concepts.ts`): what skills are about, and how people ask for it.
 */
export const SKILL_CONCEPTS = `
presentation powerpoint pptx deck slide slides keynote präsentation folie folien vortrag 演示 幻灯片
spreadsheet excel xlsx workbook worksheet tabellenkalkulation tabelle tabellen 表格 电子表格
word docx document letter dokument worddokument 文档
pdf
minutes meeting transcript besprechung protokoll sitzung 会议 纪要
decision decisions beschluss beschlüsse entscheidung 决定
timeline zeitleiste zeitverlauf 时间线
research investigate recherche recherchier 研究 调研
source sources citation cite quelle quellen 来源 引用
survey questionnaire umfrage fragebogen 问卷 调查
chart plot graph diagram visualisation visualization diagramm schaubild grafik 图表 图形
job hiring recruit interview advert stellenanzeige bewerbung 招聘 职位
personal gdpr privacy anonymise anonymize pseudonymise pseudonymize datenschutz personenbezogen anonymisier 隐私 个人信息 匿名
brand tone voice marketing slogan werbetext marke tonfall 品牌 文案
blog article post newsletter landing beitrag artikel 博客 文章
invoice billing rechnung 发票
contract agreement legal vertrag 合同
budget forecast projection cost expense kosten ausgaben haushalt 预算 成本
tax vat steuer mehrwertsteuer 税
release publish ship version veröffentlich freigeb 发布 版本
changelog änderungsprotokoll 变更日志 更新日志
migration migrate schema column alter spalte migrier 迁移 字段 列
table tables tabelle tabellen 表
endpoint route rest handler endpunkt 端点 接口
component widget storybook komponente 组件
accessibility accessible aria a11y barrierefrei 无障碍
postmortem incident outage downtime ausfall störung vorfall 事故 故障 复盘
flaky intermittent sometimes sporadic unstable manchmal sporadisch gelegentlich 偶尔 不稳定
dependency dependencies upgrade package packages abhängigkeit paket pakete 依赖 升级
vulnerability vulnerabilities cve audit advisory sicherheitslücke schwachstelle 漏洞
translate translation language languages locale i18n übersetz sprache sprachen 翻译 语言
benchmark load throughput stress lasttest 压测 负载
mail email mails newsletter outlook gmail e-mail 邮件 邮箱
flag toggle rollout flags
terraform infrastructure infrastruktur iac pulumi cloudformation 基础设施
kubernetes k8s pod pods kubectl helm cluster container 容器 集群
docker dockerfile compose container image 镜像
ios iphone ipad testflight xcode appstore
android kotlin playstore apk 安卓
crash crashes anr absturz stürzt abstürz 崩溃 闪退
shader gpu draw overdraw rendering unity unreal 着色器 渲染
review reviewer diff pr 审查 评审 code-review
threat stride attacker security bedrohung angreifer vertrauensgrenze 威胁 安全
documentation docs dokumentation handbuch anleitung 文档 手册
paper latex bibtex manuscript thesis journal aufsatz abschlussarbeit 论文 期刊
backup restore sicherung sicherungskopie wiederherstell einspielen 备份 恢复
log logs logging loki kibana protokolldatei 日志
trace tracing span opentelemetry 链路
rebase squash branch history zweig 变基 分支
commit commits 提交
secret secrets rotate credential vault geheimnis zugangsdaten 密钥
oncall pager alert alarm runbook bereitschaft 告警 值班
deploy deployment ausroll bereitstell 部署
rollback revert zurückroll 回滚
performance profile profiling slow optimise optimize leistung langsam optimier 性能 优化
memory leak heap speicherleck speicher 内存 泄漏
refactor restructure refaktor umbau 重构
lint stilregel 代码风格
unit coverage test testing testabdeckung 单元测试 测试覆盖率
e2e playwright cypress selenium browser browsertest 端到端 浏览器
scrape scraping crawl crawler website webseite 爬虫 抓取 网页
csv import export json xml importier exportier 导入 导出
query sql warehouse bigquery snowflake abfrage auswert 查询 数据仓库
dashboard grafana metric metrics kennzahl 仪表盘 指标
model training train finetune dataset machine learning trainier modell 训练 模型 数据集
notebook jupyter pandas auswertung
image picture photo icon svg logo bild foto symbol 图片 图标 图像
video clip ffmpeg schnitt untertitel subtitle 视频 字幕
audio podcast sound recording aufnahme 音频
screenshot screenshots bildschirmfoto 截图
design figma mockup wireframe layout entwurf gestaltung 设计
theme colour color palette farbe farben 主题 颜色
onboarding newcomer introduction einarbeitung 入职 新人
ticket issue issues jira triage bug ticket vorgang 工单 问题单
standup status weekly report wochenbericht statusbericht 周报 日报
openapi swagger graphql protobuf grpc api schnittstelle 接口文档
adr decision architecture architektur entscheidung 架构 决策
license licence licensing lizenz 许可证
seo keyword ranking suchmaschine 搜索引擎
auth oauth login sso anmeld 登录 认证
payment checkout stripe zahlung 支付
cron schedule scheduled zeitplan 定时
webhook callback
cache caching redis zwischenspeicher 缓存
queue kafka rabbitmq warteschlange 队列
firmware flash bootloader embedded flashen 固件 烧录
pcb schematic gerber kicad schaltplan platine 电路 原理图
cad 3d stl print printer druck 打印
recipe cook meal rezept kochen 菜谱
travel trip itinerary flight hotel reise reiseplan 旅行 行程
form forms field formular antrag 表单
extract extraction auslesen entnehm 提取
merge combine join split zusammenführ 合并 拆分
summary summarise summarize zusammenfass 总结 摘要
quote offer proposal angebot 报价 提案
speech talk rede 演讲
feedback retro retrospective rückblick 反馈 回顾
`;
